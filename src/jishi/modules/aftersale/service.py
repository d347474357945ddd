"""What the rest of Jishi may ask of after-sale cases. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from jishi.db import Tx, outbox
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, CaseId, OrderId, ShopId
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


async def open_cases(
    tx: Tx, cases: Sequence[Case], *, text: str, pictures: Sequence[int], at: datetime
) -> list[Case]:
    """Open cases of one buyer, all or none. Raises CaseOpen. The caller holds the order."""
    made = [opened(case, at) for case in cases]
    there = await storage.insert_cases(tx, made)
    if len(there) < len(made):
        raise CaseOpen(line=next(case.line for case in made if case.id not in there))
    asked = [Moved(case=case, why="asked", amount_minor=case.amount_minor) for case in made]
    steps = [
        (it.case.id, storage.step_of(it, actor=Side.BUYER, actor_id=it.case.buyer_id, text=text))
        for it in asked
    ]
    await storage.note_steps(tx, steps)
    if text or pictures:
        for case in made:  # one in nearly every request; at most LINES_MAX
            await storage.say(tx, case.id, Side.BUYER, case.buyer_id, text, pictures, at=at)
    await outbox.append(tx, [event for it in asked for event in events_of(it, Deed.CHANGE)])
    return made


async def record(tx: Tx, moved: Sequence[tuple[Act, Moved]], pictures: Sequence[int] = ()) -> None:
    """Write moves that were decided under lock: cases, journal, parcels, rulings, messages, events."""
    await storage.save_cases(tx, [it.case for _, it in moved])
    await storage.note_steps(
        tx,
        [
            (
                it.case.id,
                storage.step_of(it, actor=act.side, actor_id=act.account_id, text=act.text),
            )
            for act, it in moved
        ],
    )
    for act, it in moved:
        await _record_rest(tx, act, it, pictures)
    await outbox.append(tx, [event for act, it in moved for event in events_of(it, act.deed)])


async def _record_rest(tx: Tx, act: Act, it: Moved, pictures: Sequence[int]) -> None:
    case = it.case
    if it.parcel is not None:
        await storage.keep_parcel(tx, case.id, it.parcel)
    if act.deed is Deed.RECEIVE:
        await storage.mark_received(tx, case.id, "back", at=act.at)
    elif act.deed is Deed.CONFIRM:
        await storage.mark_received(tx, case.id, "out", at=act.at)
    if it.ruling is not None:
        await storage.keep_ruling(tx, case.id, it.ruling)
    if (act.text or pictures) and act.account_id is not None and act.side is not Side.OPERATOR:
        await storage.say(tx, case.id, act.side, act.account_id, act.text, pictures, at=act.at)


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
    await storage.say(tx, case.id, side, account_id, text, pictures, at=at)


async def find_case(tx: Tx, case_id: CaseId) -> Case | None:
    return await storage.find_case(tx, case_id)


async def has_open_case(tx: Tx, order_id: OrderId, buyer_id: AccountId) -> bool:
    """Whether anything about a buyer's order is still being settled."""
    return bool(await storage.open_cases_of(tx, order_id, buyer_id))


async def open_cases_of(tx: Tx, order_id: OrderId) -> list[CaseId]:
    return await storage.open_cases_of(tx, order_id)


async def return_address(tx: Tx, shop_id: ShopId) -> ReturnAddress | None:
    return await storage.find_address(tx, shop_id)


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
