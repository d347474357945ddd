"""What is announced when a case moves: the move, and its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from jishi.kit.ids import AccountId, CaseId, OrderId, ShopId
from jishi.modules.aftersale.rules import REFUNDED_WHOLE, Moved
from jishi.modules.aftersale.types import CaseState, Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """``amount_minor``: asked for, offered, ruled, or (when it ends) given back."""

    topic: ClassVar[str] = "aftersale.moved"
    subject_id: int
    case_id: CaseId
    order_id: OrderId
    shop_id: ShopId
    buyer_id: AccountId
    kind: str
    reason: str
    state: str
    why: str
    amount_minor: int
    occurred_at: datetime


class CaseAsked(CaseEvent):
    __slots__ = ()
    topic = "aftersale.asked"


class CaseAgreed(CaseEvent):
    __slots__ = ()
    topic = "aftersale.agreed"


class CaseRefused(CaseEvent):
    __slots__ = ()
    topic = "aftersale.refused"


class CaseOffered(CaseEvent):
    __slots__ = ()
    topic = "aftersale.offered"


class CaseReturned(CaseEvent):
    __slots__ = ()
    topic = "aftersale.returned"


class CaseReceived(CaseEvent):
    __slots__ = ()
    topic = "aftersale.received"


class CaseSent(CaseEvent):
    __slots__ = ()
    topic = "aftersale.sent"


class CaseEscalated(CaseEvent):
    __slots__ = ()
    topic = "aftersale.escalated"


class CaseRuled(CaseEvent):
    __slots__ = ()
    topic = "aftersale.ruled"


class CaseAppealed(CaseEvent):
    __slots__ = ()
    topic = "aftersale.appealed"


class CaseClosed(CaseEvent):
    """The end: settled or closed."""

    __slots__ = ()
    topic = "aftersale.closed"


_BY_STATE: Final[Mapping[CaseState, type[CaseEvent]]] = {
    CaseState.ASKED: CaseAsked,
    CaseState.OFFERED: CaseOffered,
    CaseState.REFUSED: CaseRefused,
    CaseState.RETURNING: CaseAgreed,
    CaseState.RETURNED: CaseReturned,
    CaseState.TO_SEND: CaseAgreed,
    CaseState.SENT: CaseSent,
    CaseState.DISPUTED: CaseEscalated,
    CaseState.RULED: CaseRuled,
    CaseState.APPEALED: CaseAppealed,
    CaseState.SETTLED: CaseClosed,
    CaseState.CLOSED: CaseClosed,
}
# Deeds whose own fact is told also when the case ends or goes on elsewhere with them.
_BY_DEED: Final[Mapping[Deed, type[CaseEvent]]] = {
    Deed.AGREE: CaseAgreed,
    Deed.RECEIVE: CaseReceived,
    Deed.RULE: CaseRuled,
}


def events_of(moved: Moved, deed: Deed) -> list[CaseEvent]:
    """One or two events: what was done and, when that ended the case, its end."""
    is_own = deed in _BY_DEED and moved.why != REFUNDED_WHOLE
    kinds = [_BY_DEED[deed]] if is_own else []
    by_state = _BY_STATE[moved.case.state]
    if by_state not in kinds and not (kinds and moved.case.is_open):
        kinds.append(by_state)
    return [_event(kind, moved) for kind in kinds]


def _event(kind: type[CaseEvent], moved: Moved) -> CaseEvent:
    case = moved.case
    told = case.amount_minor
    if moved.amount_minor is not None and kind is not CaseReturned:
        told = moved.amount_minor  # of a parcel back it is the freight: the journal's to tell
    return kind(
        subject_id=case.id,
        case_id=case.id,
        order_id=case.order_id,
        shop_id=case.shop_id,
        buyer_id=case.buyer_id,
        kind=case.kind.value,
        reason=case.reason,
        state=case.state.value,
        why=moved.why,
        amount_minor=case.refunded_minor if kind is CaseClosed else told,
        occurred_at=case.moved_at,
    )
