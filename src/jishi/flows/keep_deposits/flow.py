"""Deposits and the ledger in one transaction. Locks: deposit, then ledger accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.flows.keep_deposits import rules
from jishi.flows.keep_deposits.types import CasesOpen, ClosedAlready, NameUnlike, OrdersOpen
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.kit.money import format_plain
from jishi.modules import audit, catalogue, deposits, ledger, media, notices, penalties, shops
from jishi.modules.audit.types import DEPOSIT_RECORDED
from jishi.modules.deposits import (
    AmountInvalid,
    Deposit,
    DepositMove,
    MoveId,
    MoveKind,
    NotEarned,
)
from jishi.modules.deposits.types import AMOUNT_MAX_MINOR
from jishi.modules.shops import ShopState
from jishi.modules.shops.types_applications import PaperUnknown

HOLD: Final = "deposit"
_MAY_CLOSE: Final = load_sql(__package__, "may_close")
_BALANCE: Final = """
SELECT debit_minor - credit_minor FROM ledger_account
WHERE cell = $1 AND kind = $2 AND party_id = $3 FOR NO KEY UPDATE
"""
_LISTED: Final = """
SELECT id FROM product WHERE cell = $1 AND shop_id = $2 AND state = 'listed' ORDER BY id LIMIT 500
"""
_SHOPS: Final = """
SELECT id FROM shop WHERE id > $1 AND kind <> 'plain' AND state NOT IN ('preparing', 'closed')
ORDER BY id LIMIT 200
"""


async def balance_of(tx: Tx, kind: str, shop_id: ShopId) -> int:
    """Debit less credit of a shop's account, held until ``tx`` ends; 0 before its first posting."""
    return int(await tx.fetchval(_BALANCE, cell_of(shop_id), kind, shop_id) or 0)


async def move_deposit(
    tx: Tx, move: DepositMove | None, postings: Sequence[ledger.Posting], *, kind: MoveKind,
    shop_id: ShopId, subject_id: int, now: datetime,
) -> Deposit:  # fmt: skip
    """Write a move of the deposit (None: the deposit itself does not change) and book it."""
    after = (
        await deposits.record(tx, move, now=now)
        if move is not None
        else await deposits.deposit_of(tx, shop_id)
    )
    booking = ledger.Booking(
        cell=cell_of(shop_id),
        kind=rules.TRANSFERS[kind],
        subject_id=subject_id,
        at=now,
        postings=postings,
    )
    await ledger.post(tx, [booking])
    if after.due_at is None:
        await shops.release_shop(tx, shop_id, HOLD, shop_id)
    return after


async def pay_from_earnings(
    tx: Tx,
    shop_id: ShopId,
    amount_minor: int,
    *,
    actor_id: AccountId,
    ids: IdMaker,
    currency: str,
    now: datetime,
) -> Deposit:
    """Earnings → deposit. Raises AmountInvalid, NotEarned beyond what the shop has earned."""
    check_amount(amount_minor)
    await deposits.lock_deposit(tx, shop_id, now=now)
    earned = -await balance_of(tx, rules.PAYABLE, shop_id)
    if amount_minor > earned:
        raise NotEarned(field="amount", amount=format_plain(max(earned, 0), currency))
    move = make_move(ids, shop_id, MoveKind.PAYABLE, amount_minor, actor_id=actor_id, now=now)
    postings = rules.paid_in(shop_id, amount_minor, source=rules.PAYABLE)
    return await move_deposit(
        tx, move, postings, kind=move.kind, shop_id=shop_id, subject_id=move.id, now=now
    )


async def record_transfer(
    tx: Tx,
    shop_id: ShopId,
    amount_minor: int,
    reference: str,
    paper_id: int,
    *,
    operator_id: AccountId,
    ids: IdMaker,
    now: datetime,
) -> Deposit:
    """A bank transfer an operator saw arrive, with its evidence.

    Raises AmountInvalid, ReferenceMissing, ReferenceTaken (recorded before, whatever shop), PaperUnknown.
    """
    check_amount(amount_minor)
    if paper_id not in await media.papers_of_shop(tx, shop_id, [paper_id]):
        raise PaperUnknown(field="paper")
    move = make_move(ids, shop_id, MoveKind.BANK, amount_minor, actor_id=operator_id, now=now)
    plain = await deposits.claim_reference(tx, reference, shop_id, move.id)
    move = replace(move, reference=plain, paper_id=paper_id)
    postings = rules.paid_in(shop_id, amount_minor, source=rules.BANK)
    after = await move_deposit(
        tx, move, postings, kind=move.kind, shop_id=shop_id, subject_id=move.id, now=now
    )
    facts = {"amount_minor": amount_minor, "reference": plain, "move_id": str(move.id)}
    await audit.note(tx, operator_id, DEPOSIT_RECORDED, str(shop_id), now=now, facts=facts)
    return after


async def close_shop(tx: Tx, shop_id: ShopId, name: str, *, now: datetime) -> datetime:
    """Close it for good: nothing is for sale any more; when the deposit goes back, thirty days later.

    Raises NameUnlike, ClosedAlready, OrdersOpen, CasesOpen.
    """
    shop = await shops.get_shop(tx, shop_id)
    if shop.state is ShopState.CLOSED:
        raise ClosedAlready
    if name.strip() != shop.name:
        raise NameUnlike(field="name")
    await shops.hold_shop(tx, shop_id, HOLD, shop_id, now=now)  # no new orders from here on
    await _check_ended(tx, shop_id)
    await shops.close_shop(tx, shop_id)
    while listed := [row["id"] for row in await tx.fetch(_LISTED, cell_of(shop_id), shop_id)]:
        await catalogue.delist(tx, shop_id, listed, now=now)
    return await deposits.start_return(tx, shop_id, now=now)


async def give_back(tx: Tx, shop_id: ShopId, *, ids: IdMaker, now: datetime) -> bool:
    """Give a closed shop its deposit; False while an order or a case is open."""
    held = await deposits.lock_deposit(tx, shop_id, now=now)
    if held.returned_at is not None or await _is_open(tx, shop_id):
        return False
    if held.held_minor:
        await give_to_earnings(tx, shop_id, held.held_minor, ids=ids, now=now)
    await deposits.mark_returned(tx, shop_id, now=now)
    await tell(tx, "standing.deposit_returned", {shop_id: held.held_minor}, now=now)
    return True


async def give_to_earnings(
    tx: Tx, shop_id: ShopId, held_minor: int, *, ids: IdMaker, now: datetime
) -> None:
    """Deposit → what the shop owes, the rest to its earnings. The caller holds the deposit."""
    owed = await balance_of(tx, rules.RECEIVABLE, shop_id)
    move = make_move(ids, shop_id, MoveKind.RETURN, -held_minor, actor_id=None, now=now)
    postings = rules.given_back(shop_id, held_minor, owed)
    await move_deposit(
        tx, move, postings, kind=move.kind, shop_id=shop_id, subject_id=move.id, now=now
    )


async def ask_next(tx: Tx, after_id: int, *, now: datetime) -> int:
    """Reckon what the next 200 shops must leave, and tell those of whom more is asked: the last, or 0."""
    shop_ids = [ShopId(row["id"]) for row in await tx.fetch(_SHOPS, after_id)]
    if not shop_ids:
        return 0
    lacks = await deposits.refresh(tx, shop_ids, now=now)
    await tell(tx, "standing.deposit_asked", lacks, now=now)
    return shop_ids[-1]


async def suspend_overdue(tx: Tx, *, now: datetime) -> int:
    """Suspend shops that did not pay what lacks in time: how many."""
    overdue = await deposits.overdue(tx, now=now)
    for shop_id in overdue:
        await shops.hold_shop(tx, shop_id, HOLD, shop_id, now=now)
    await tell(tx, "standing.deposit_overdue", dict.fromkeys(overdue, 0), now=now)
    return len(overdue)


async def tell(tx: Tx, kind: str, amounts: Mapping[ShopId, int], *, now: datetime) -> None:
    """Tell shops, each with its amount in minor units."""
    told = [
        notices.Told(
            kind=kind,
            shop_id=shop_id,
            subject_id=shop_id,
            facts={"shop_id": str(shop_id), "amount_minor": amount_minor},
            at=now,
        )
        for shop_id, amount_minor in amounts.items()
    ]
    if told:
        await notices.tell(tx, told)


async def _check_ended(tx: Tx, shop_id: ShopId) -> None:
    count = int(await tx.fetchval(_MAY_CLOSE, shop_id))
    if count:
        raise OrdersOpen(count=count)
    if await penalties.has_open(tx, shop_id):
        raise CasesOpen


async def _is_open(tx: Tx, shop_id: ShopId) -> bool:
    return bool(await tx.fetchval(_MAY_CLOSE, shop_id)) or await penalties.has_open(tx, shop_id)


def check_amount(amount_minor: int) -> None:
    """Raises AmountInvalid."""
    if not 1 <= amount_minor <= AMOUNT_MAX_MINOR:
        raise AmountInvalid(field="amount", limit=f"{AMOUNT_MAX_MINOR // 100:,}")


def make_move(
    ids: IdMaker,
    shop_id: ShopId,
    kind: MoveKind,
    amount_minor: int,
    *,
    actor_id: AccountId | None,
    now: datetime,
) -> DepositMove:
    move_id = MoveId(ids.make(cell_of(shop_id)))
    return DepositMove(
        id=move_id,
        shop_id=shop_id,
        kind=kind,
        amount_minor=amount_minor,
        subject_id=move_id,
        actor_id=actor_id,
        occurred_at=now,
    )
