"""After-sale that ran elsewhere: each return a case that goes through its states by the rules of live ones.

A file knows one instant of a return, so the case is asked, agreed, sent back and received at it. Days in
which a buyer may ask are not looked at: what a shop took back it took back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jishi.db import Tx
from jishi.flows.answer_aftersale import give_back, line_stands, lines_at
from jishi.imports.past_orders import PaidBack, Terms, paid_back
from jishi.kit.ids import CaseId, IdMaker, OrderId, PaymentId, cell_of
from jishi.kit.rounds import rounds
from jishi.modules import aftersale
from jishi.modules.aftersale import (
    REASONS,
    Act,
    Case,
    CaseKind,
    CaseState,
    Deed,
    Facts,
    Moved,
    Parcel,
    Side,
    decide,
    opened,
)

REASON: Final = "agreed"  # files say that units came back, not why
COURSE: Final = (
    (Deed.AGREE, Side.SHOP),
    (Deed.SEND_BACK, Side.BUYER),
    (Deed.RECEIVE, Side.SHOP),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastReturn:
    """Units of an order's line that came back for ``amount_minor``. ``number``: of the return, there."""

    order_id: OrderId
    line: int
    quantity: int
    amount_minor: int
    number: str
    at: datetime
    carrier: str
    address: Mapping[str, str]  # receiver, phone, address it went back to
    payment_id: PaymentId
    provider: str


async def take_back(tx: Tx, returns: Sequence[PastReturn], maker: IdMaker, terms: Terms) -> None:
    """A settled case per return with its refund, goods on the shelf again; older ones first.

    A line stands once in each wave: what is left of it after one return counts for the next.
    """
    for places in rounds((it.order_id, it.line) for it in returns):
        wave = [returns[at] for at in places]
        lines = await lines_at(tx, [(it.order_id, it.line) for it in wave])
        courses = [
            course_of(it, CaseId(maker.make(cell_of(it.order_id))), lines[it.order_id, it.line])
            for it in wave
        ]
        last = [course[-1] for course in courses]
        ends = await give_back(tx, last, maker, confirm_after=terms.confirm_after)
        whole = [[*course[:-1], end] for course, end in zip(courses, ends, strict=True)]
        await aftersale.take_over(tx, whole)
        await paid_back(tx, [_paid(it, end) for it, (_, end) in zip(wave, ends, strict=True)])


def course_of(it: PastReturn, case_id: CaseId, row: Mapping[str, Any]) -> list[tuple[Act, Moved]]:
    """The case's steps, the opening first; ``row`` is the line as it stands. Raises what the rules refuse."""
    facts = Facts(line=line_stands(row), return_address=it.address)
    parcel = Parcel(
        direction="back",
        carrier=it.carrier,
        waybill=it.number,
        quantity=it.quantity,
        actor_id=row["buyer_id"],
        sent_at=it.at,
    )
    case = Case(
        id=case_id,
        shop_id=row["shop_id"],
        order_id=it.order_id,
        buyer_id=row["buyer_id"],
        line=it.line,
        sku_id=row["sku_id"],
        quantity=it.quantity,
        kind=CaseKind.RETURN,
        stage=REASONS[REASON].stage,
        reason=REASON,
        state=CaseState.ASKED,
        amount_minor=it.amount_minor,
        deadline=None,
        asked_at=it.at,
        moved_at=it.at,
    )
    asked = Act(deed=Deed.CHANGE, side=Side.BUYER, at=it.at, account_id=case.buyer_id)
    course = [(asked, opened(case, it.at))]
    for deed, side in COURSE:
        act = Act(
            deed=deed,
            side=side,
            at=it.at,
            account_id=case.buyer_id if side is Side.BUYER else None,
            parcel=parcel if deed is Deed.SEND_BACK else None,
            is_sellable=True,
        )
        course.append((act, decide(course[-1][1].case, act, facts)))
    return course


def _paid(it: PastReturn, end: Moved) -> PaidBack:
    case = end.case
    assert case.refund_id is not None, f"nothing of {it.number} was left to refund"
    assert case.refunded_minor == it.amount_minor, f"{it.number}: {case.refunded_minor}"
    return PaidBack(
        refund_id=case.refund_id,
        payment_id=it.payment_id,
        provider=it.provider,
        event_id=f"{it.provider}:{it.number}:{case.id}",
        amount_minor=case.refunded_minor,
        at=it.at,
    )
