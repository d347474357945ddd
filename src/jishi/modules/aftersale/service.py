"""What the rest of Jishi may ask of after-sale cases. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from jishi.db import Tx, outbox
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, OrderId, ShopId
from jishi.kit.text import clean
from jishi.modules.aftersale import storage
from jishi.modules.aftersale.events import events_of
from jishi.modules.aftersale.rules import Act, Moved, opened
from jishi.modules.aftersale.rules_ask import check_said
from jishi.modules.aftersale.types import (
    IN_DISPUTE,
    MESSAGES_MAX,
    Case,
    Deed,
    ReturnAddress,
    Side,
)
from jishi.modules.aftersale.types_refusals import (
    AddressInvalid,
    CaseEnded,
    CaseOpen,
    EvidenceTooLate,
    MessagesFull,
    TextMissing,
)

RECEIVER_MAX, PHONE_MIN, PHONE_MAX, ADDRESS_MAX = 60, 5, 30, 300
RECEIVES: Final = {Deed.RECEIVE: "back", Deed.CONFIRM: "out"}  # which parcel has arrived with it


async def open_cases(
    tx: Tx, cases: Sequence[Case], *, text: str, pictures: Sequence[int], at: datetime
) -> list[Case]:
    """Open cases of one buyer, all or none. Raises CaseOpen. The caller holds the order."""
    made = [opened(case, at) for case in cases]
    there = await storage.insert_cases(tx, [it.case for it in made])
    if len(there) < len(made):
        raise CaseOpen(line=next(it.case.line for it in made if it.case.id not in there))
    act = Act(deed=Deed.CHANGE, side=Side.BUYER, at=at, text=text)  # of nothing into something
    await _note(tx, [(replace(act, account_id=it.case.buyer_id), it) for it in made], pictures)
    return [it.case for it in made]


async def record(tx: Tx, moved: Sequence[tuple[Act, Moved]], pictures: Sequence[int] = ()) -> None:
    """Write moves that were decided under lock: cases, journal, parcels, rulings, messages, events."""
    await storage.save_cases(tx, [it.case for _, it in moved])
    await _note(tx, moved, pictures)


async def take_over(tx: Tx, courses: Sequence[Sequence[tuple[Act, Moved]]]) -> None:
    """Write cases that ran elsewhere: each as it ended, with its whole course, the opening first."""
    ended = [course[-1][1].case for course in courses]
    there = await storage.insert_cases(tx, ended)
    assert len(there) == len(ended), "a case that ended stands in nobody's way"
    await _note(tx, [step for course in courses for step in course])


async def _note(tx: Tx, moved: Sequence[tuple[Act, Moved]], pictures: Sequence[int] = ()) -> None:
    """Write all that goes with moves of cases but the cases."""
    steps = [
        (it.case.id, storage.step_of(it, actor=act.side, actor_id=act.account_id, text=act.text))
        for act, it in moved
    ]
    await storage.note_steps(tx, steps)
    await storage.keep_parcels(tx, [(it.case.id, it.parcel) for _, it in moved if it.parcel])
    received = [
        (it.case.id, RECEIVES[act.deed], act.at) for act, it in moved if act.deed in RECEIVES
    ]
    await storage.mark_received(tx, received)
    await storage.keep_rulings(tx, [(it.case.id, it.ruling) for _, it in moved if it.ruling])
    said = [
        (it.case.id, act.side, act.account_id, act.text, pictures, act.at)
        for act, it in moved
        if (act.text or pictures) and act.account_id is not None and act.side is not Side.OPERATOR
    ]
    await storage.say(tx, said)
    await outbox.append(tx, [event for act, it in moved for event in events_of(it, act.deed)])


async def say(
    tx: Tx,
    case: Case,
    side: Side,
    account_id: AccountId,
    text: str,
    pictures: Sequence[int],
    *,
    at: datetime,
) -> None:
    """Add a message. Raises CaseEnded, EvidenceTooLate, MessagesFull, TextMissing, TextTooLong,
    TooManyPictures."""
    check_said(text, pictures)
    if not text and not pictures:
        raise TextMissing(field="text")
    if not case.is_open:
        raise CaseEnded
    is_over = case.evidence_until is not None and at >= case.evidence_until
    if case.state in IN_DISPUTE and is_over and side is not Side.OPERATOR:
        raise EvidenceTooLate
    if await storage.count_said(tx, case.id, side) >= MESSAGES_MAX:
        raise MessagesFull(limit=MESSAGES_MAX)
    await storage.say(tx, [(case.id, side, account_id, text, pictures, at)])


async def has_open_case(tx: Tx, order_id: OrderId, buyer_id: AccountId) -> bool:
    """Whether anything about a buyer's order is still being settled."""
    return bool(await storage.open_cases_of(tx, [order_id], buyer_id))


async def set_return_address(
    tx: Tx, shop_id: ShopId, address: ReturnAddress, *, by: AccountId, now: datetime
) -> None:
    """Where goods are sent back to from now on. Raises Refusals of AddressInvalid."""
    cleaned = replace(
        address,
        receiver=clean(address.receiver),
        phone=clean(address.phone),
        address=clean(address.address),
    )
    problems: list[Refusal] = []
    if not 1 <= len(cleaned.receiver) <= RECEIVER_MAX:
        problems.append(AddressInvalid(field="receiver"))
    if not PHONE_MIN <= len(cleaned.phone) <= PHONE_MAX or not any(map(str.isdigit, cleaned.phone)):
        problems.append(AddressInvalid(field="phone"))
    if not 1 <= len(cleaned.address) <= ADDRESS_MAX:
        problems.append(AddressInvalid(field="address"))
    if problems:
        raise Refusals(problems)
    await storage.set_address(tx, shop_id, cleaned, by=by, now=now)
