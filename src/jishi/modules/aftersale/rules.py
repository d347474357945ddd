"""What becomes of a case when somebody does something, or nobody does. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from jishi.kit.ids import AccountId, SkuId
from jishi.kit.moves import move
from jishi.modules.aftersale.rules_ask import Facts, Wish, check_wish
from jishi.modules.aftersale.rules_money import MoneyBack, check_freight, money_back, money_only
from jishi.modules.aftersale.types import (
    CLOCKS,
    DEEDS,
    ENDED,
    EVIDENCE_WITHIN,
    IN_DISPUTE,
    MOVES,
    REASONS,
    REFUSAL_REASONS,
    TEXT_MAX,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Deed,
    Parcel,
    Ruling,
    Side,
    Stage,
)
from jishi.modules.aftersale.types_refusals import (
    AmountMissing,
    AppealUsed,
    CaseMoved,
    DeadlinePassed,
    GoodsLeft,
    NoReturnAddress,
    NotTheLoser,
    NotYours,
    OfferTooMuch,
    RefusalReasonMissing,
    RulingFinal,
    RulingTooLate,
    TextMissing,
    TextTooLong,
)

SELLABLE: Final = "sellable"
DAMAGED: Final = "damaged"
REFUNDED_WHOLE: Final = "refunded_whole"  # why a case ended without a refund of its own
_S = CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody does with a case. ``version``: the case as they saw it; None: not asked."""

    deed: Deed
    side: Side
    at: datetime
    account_id: AccountId | None = None
    version: int | None = None
    text: str = ""
    reason: str = ""  # of a refusal
    amount_minor: int | None = None  # of an offer; of the freight laid out to send it back
    wish: Wish | None = None  # of a change
    parcel: Parcel | None = None  # sent back, or out
    has_pictures: bool = False
    is_sellable: bool = False  # as received
    ruling: Ruling | None = None  # checked by rules_disputes


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The case as it becomes, why, and what goes with it."""

    case: Case
    why: str
    amount_minor: int | None = None  # worth telling in the journal
    freight_minor: int = 0  # to be paid to the buyer from what the shop has
    money: MoneyBack | None = None
    parcel: Parcel | None = None
    ruling: Ruling | None = None


def decide(case: Case, act: Act, facts: Facts) -> Moved:
    """What ``act`` makes of the case; of one whose order was refunded whole any deed makes the end.

    Raises NotYours, CaseMoved, DeadlinePassed, RulingTooLate, AppealUsed and what each deed refuses.
    """
    sides, states = DEEDS[act.deed]
    if act.side not in sides:
        raise NotYours
    if act.deed is Deed.APPEAL and case.appealed_by is not None:
        raise AppealUsed
    if case.state not in states or act.version not in (None, case.version):
        raise CaseMoved(state=case.state.value)
    if act.deed is Deed.LAPSE and not is_due(case, now=act.at):
        raise CaseMoved(state=case.state.value)
    if act.side is not Side.CLOCK and case.deadline is not None and act.at >= case.deadline:
        raise RulingTooLate if act.deed is Deed.RULE else DeadlinePassed
    if len(act.text) > TEXT_MAX:
        raise TextTooLong(field="text", limit=TEXT_MAX)
    if not facts.line.is_alive:  # the listener that would say so comes a moment later
        return _void(case, act, facts)
    return _DEEDS[act.deed](case, act, facts)


def is_due(case: Case, *, now: datetime) -> bool:
    """Whether the clock acts. The deadline itself is too late for anybody else."""
    return case.deadline is not None and now >= case.deadline


def opened(case: Case, at: datetime) -> Moved:
    """A new case, waiting for the shop."""
    asked = replace(case, state=_S.ASKED, deadline=at + CLOCKS[_S.ASKED], asked_at=at, moved_at=at)
    return Moved(case=asked, why="asked", amount_minor=case.amount_minor)


def stepped(case: Case, to: CaseState, at: datetime, **changes: Any) -> Case:
    """``case`` in its next state with the clock of that state. Raises MoveForbidden."""
    move(case.state, to, MOVES)
    deadline = None if to in ENDED else at + CLOCKS[to]
    evidence = at + EVIDENCE_WITHIN if to in IN_DISPUTE else None
    return replace(
        case,
        state=to,
        deadline=deadline,
        evidence_until=evidence,
        claimed_by=None,
        claimed_at=None,
        version=case.version + 1,
        moved_at=at,
        **changes,
    )


def settled(case: Case, at: datetime, why: str, money: MoneyBack | None, **changes: Any) -> Moved:
    """The end with money; closed when none is left to give. The freight named is due with either."""
    to, why = (_S.SETTLED, why) if money else (_S.CLOSED, "nothing_left")
    ended = stepped(case, to, at, **changes)
    return Moved(case=ended, why=why, money=money, freight_minor=case.freight_due_minor)


# What the shop does -----------------------------------------------------------------------------


def _agree(case: Case, act: Act, facts: Facts) -> Moved:
    why = "agreed_by_clock" if act.side is Side.CLOCK else "agreed"
    if case.stage is Stage.UNSHIPPED and case.quantity > facts.line.to_ship:
        if act.side is not Side.CLOCK:
            raise GoodsLeft
        return Moved(case=stepped(case, _S.REFUSED, act.at), why="shipped_meanwhile")
    if case.kind is CaseKind.RESEND:
        return Moved(case=stepped(case, _S.TO_SEND, act.at), why=why)
    if case.kind in (CaseKind.RETURN, CaseKind.EXCHANGE) and not facts.is_sent_back:
        if facts.return_address is not None:
            back = stepped(case, _S.RETURNING, act.at, return_address=facts.return_address)
            return Moved(case=back, why=why)
        if act.side is not Side.CLOCK:
            raise NoReturnAddress
        why = "no_return_address"
    money = money_back(case, facts, case.amount_minor, came_back=facts.is_sent_back)
    return settled(case, act.at, why, money)


def _refuse(case: Case, act: Act, _facts: Facts) -> Moved:
    if act.reason not in REFUSAL_REASONS:
        raise RefusalReasonMissing(field="reason")
    return Moved(case=stepped(case, _S.REFUSED, act.at), why=f"refused:{act.reason}")


def _offer(case: Case, act: Act, facts: Facts) -> Moved:
    if not act.amount_minor or act.amount_minor < 1:
        raise AmountMissing(field="amount")
    if act.amount_minor >= case.amount_minor or money_only(facts.line, act.amount_minor) is None:
        raise OfferTooMuch(field="amount")
    offered = stepped(case, _S.OFFERED, act.at, offer_minor=act.amount_minor)
    return Moved(case=offered, why="offered", amount_minor=act.amount_minor)


def _receive(case: Case, act: Act, facts: Facts) -> Moved:
    came_back = SELLABLE if act.is_sellable else DAMAGED
    why = f"received_{came_back}"
    if case.kind is CaseKind.EXCHANGE:
        kept = stepped(case, _S.TO_SEND, act.at, came_back=came_back)
        return Moved(case=kept, why=why, freight_minor=case.freight_due_minor)
    money = money_back(case, facts, case.amount_minor, came_back=True, sellable=act.is_sellable)
    return settled(case, act.at, why, money, came_back=came_back)


def _reject(case: Case, act: Act, facts: Facts) -> Moved:
    if facts.last_ruling is not None:
        raise RulingFinal
    _require_text(act)
    return Moved(case=stepped(case, _S.DISPUTED, act.at), why="rejected")


def _send(case: Case, act: Act, _facts: Facts) -> Moved:
    assert act.parcel is not None
    return Moved(case=stepped(case, _S.SENT, act.at), why="sent", parcel=act.parcel)


# What the buyer does ----------------------------------------------------------------------------


def _change(case: Case, act: Act, facts: Facts) -> Moved:
    assert act.wish is not None
    wish = check_wish(act.wish, facts.line, now=act.at)
    assert wish.amount_minor is not None
    changed = stepped(
        case,
        _S.ASKED,
        act.at,
        kind=wish.kind,
        stage=REASONS[wish.reason].stage,
        reason=wish.reason,
        quantity=wish.quantity,
        amount_minor=wish.amount_minor,
        swap_sku_id=SkuId(wish.swap_sku_id) if wish.swap_sku_id else None,
        offer_minor=None,
    )
    return Moved(case=changed, why="changed", amount_minor=wish.amount_minor)


def _withdraw(case: Case, act: Act, _facts: Facts) -> Moved:
    return Moved(case=stepped(case, _S.CLOSED, act.at), why="withdrawn")


def _accept(case: Case, act: Act, facts: Facts) -> Moved:
    assert case.offer_minor
    return settled(case, act.at, "accepted", money_only(facts.line, case.offer_minor))


def _decline(case: Case, act: Act, _facts: Facts) -> Moved:
    return Moved(case=stepped(case, _S.ASKED, act.at, offer_minor=None), why="declined")


def _send_back(case: Case, act: Act, _facts: Facts) -> Moved:
    assert act.parcel is not None
    freight = act.amount_minor or 0
    if freight:
        check_freight(case, freight, is_shown=act.has_pictures)
    back = stepped(case, _S.RETURNED, act.at, freight_minor=freight)
    return Moved(case=back, why="sent_back", amount_minor=freight or None, parcel=act.parcel)


def _confirm(case: Case, act: Act, _facts: Facts) -> Moved:
    why = "replaced_by_clock" if act.side is Side.CLOCK else "replaced"
    return Moved(case=stepped(case, _S.SETTLED, act.at), why=why)


def _escalate(case: Case, act: Act, _facts: Facts) -> Moved:
    _require_text(act)
    return Moved(case=stepped(case, _S.DISPUTED, act.at), why="escalated")


# Rulings ----------------------------------------------------------------------------------------


def _rule(case: Case, act: Act, facts: Facts) -> Moved:
    """A first ruling waits for an appeal; one on an appeal is carried out."""
    assert act.ruling is not None
    if case.state is _S.DISPUTED:
        ruled = stepped(case, _S.RULED, act.at)
        amount = act.ruling.amount_minor
        return Moved(case=ruled, why="ruled", amount_minor=amount, ruling=act.ruling)
    return replace(carry_out(case, act.ruling, facts, act.at), ruling=act.ruling)


def _appeal(case: Case, act: Act, facts: Facts) -> Moved:
    ruling = facts.last_ruling
    assert ruling is not None
    winner = {Decision.BUYER: Side.BUYER, Decision.SHOP: Side.SHOP}.get(ruling.decision)
    if act.side is winner:
        raise NotTheLoser
    _require_text(act)
    return Moved(case=stepped(case, _S.APPEALED, act.at, appealed_by=act.side), why="appealed")


def carry_out(case: Case, ruling: Ruling, facts: Facts, at: datetime) -> Moved:
    """What a final ruling makes of the case: the end, or the goods' way back before the money."""
    if ruling.decision is Decision.SHOP:
        return Moved(case=stepped(case, _S.CLOSED, at), why="ruled_for_shop")
    amount = ruling.amount_minor
    waits = ruling.goods_back and not facts.is_sent_back and facts.line.at_buyer > 0
    if waits and facts.return_address is not None:
        back = stepped(
            case,
            _S.RETURNING,
            at,
            kind=CaseKind.RETURN,
            stage=Stage.SHIPPED,
            amount_minor=amount,
            return_address=facts.return_address,
        )
        return Moved(case=back, why="ruled_return", amount_minor=amount)
    money = money_back(case, facts, amount, came_back=facts.is_sent_back)
    why = "no_return_address" if waits else "ruled_refund"
    freight = case.freight_due_minor if ruling.decision is Decision.BUYER else 0
    return replace(settled(case, at, why, money), amount_minor=amount, freight_minor=freight)


# The clock --------------------------------------------------------------------------------------


def _lapse(case: Case, act: Act, facts: Facts) -> Moved:  # noqa: PLR0911 — one way a state
    """What happens because nobody did anything. ``act.ruling``: the clock's own, of a dispute."""
    if case.state is _S.ASKED:
        return _agree(case, act, facts)
    if case.state is _S.RETURNED:
        money = money_back(case, facts, case.amount_minor, came_back=True)
        return settled(case, act.at, "not_received", money, came_back=DAMAGED)
    if case.state is _S.TO_SEND:
        is_back = case.came_back is not None
        money = money_back(
            case, facts, case.amount_minor, came_back=is_back, sellable=case.came_back == SELLABLE
        )
        return settled(case, act.at, "not_sent", money)
    if case.state is _S.SENT:
        return _confirm(case, act, facts)
    if case.state is _S.DISPUTED:
        return _rule(case, act, facts)
    if case.state in (_S.RULED, _S.APPEALED):
        assert facts.last_ruling is not None
        return carry_out(case, facts.last_ruling, facts, act.at)
    return Moved(case=stepped(case, _S.CLOSED, act.at), why=_SILENT[case.state])


def _void(case: Case, act: Act, _facts: Facts) -> Moved:
    return Moved(case=stepped(case, _S.SETTLED, act.at), why=REFUNDED_WHOLE)


def _require_text(act: Act) -> None:
    if not act.text:
        raise TextMissing(field="text")


_SILENT: Final[Mapping[CaseState, str]] = {
    _S.OFFERED: "offer_lapsed",
    _S.REFUSED: "not_escalated",
    _S.RETURNING: "not_sent_back",
}
_DEEDS: Final[Mapping[Deed, Callable[[Case, Act, Facts], Moved]]] = {
    Deed.CHANGE: _change,
    Deed.WITHDRAW: _withdraw,
    Deed.ACCEPT: _accept,
    Deed.DECLINE: _decline,
    Deed.SEND_BACK: _send_back,
    Deed.CONFIRM: _confirm,
    Deed.ESCALATE: _escalate,
    Deed.AGREE: _agree,
    Deed.REFUSE: _refuse,
    Deed.OFFER: _offer,
    Deed.RECEIVE: _receive,
    Deed.REJECT: _reject,
    Deed.SEND: _send,
    Deed.APPEAL: _appeal,
    Deed.RULE: _rule,
    Deed.LAPSE: _lapse,
    Deed.VOID: _void,
}
