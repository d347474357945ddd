"""What penalties do when they take effect, and how each is undone. Locks: shop, product, deposit, ledger."""

from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.flows.keep_deposits import balance_of, move_deposit
from jishi.flows.keep_deposits import rules as money
from jishi.flows.list_products import guard
from jishi.kit.ids import IdMaker, ProductId, cell_of
from jishi.modules import catalogue, deposits, penalties, shops
from jishi.modules.deposits import DepositMove, MoveId, MoveKind
from jishi.modules.penalties import Case, Penalty, PenaltyKind
from jishi.modules.penalties.rules import from_deposit, given_back

REASON: Final = "penalty"
_HELD: Final = load_sql(__package__, "held_products")
_WAS_LISTED: Final = (
    "SELECT state = 'listed' FROM product WHERE cell = $1 AND id = $2 AND shop_id = $3"
)


async def apply(tx: Tx, case: Case, *, ids: IdMaker, now: datetime) -> None:
    """Let a case's penalties take effect. Warnings, points and limits act by standing there."""
    by_kind = {it.kind: it for it in case.penalties}
    if PenaltyKind.CLOSURE in by_kind:
        await shops.close_shop(tx, case.shop_id)
    if PenaltyKind.SUSPENSION in by_kind:
        await shops.hold_shop(tx, case.shop_id, REASON, case.id, now=now)
    for product_id in sorted(it.product_id for it in case.penalties if it.product_id is not None):
        await _take_off(tx, case, product_id, now=now)
    if PenaltyKind.DEDUCTION in by_kind:
        await _deduct(tx, case, by_kind[PenaltyKind.DEDUCTION], ids=ids, now=now)
    if PenaltyKind.CLOSURE in by_kind:
        await deposits.start_return(tx, case.shop_id, now=now)


async def reverse(tx: Tx, case: Case, *, ids: IdMaker, now: datetime) -> None:
    """Undo all that a case's penalties did, money by a transfer of its own."""
    by_kind = {it.kind: it for it in case.penalties}
    if PenaltyKind.CLOSURE in by_kind:
        await shops.reopen_closed(tx, case.shop_id)
        await deposits.stop_return(tx, case.shop_id, now=now)
        await deposits.refresh(tx, [case.shop_id], now=now)
    if PenaltyKind.SUSPENSION in by_kind:
        await shops.release_shop(tx, case.shop_id, REASON, case.id)
    held = [ProductId(row["product_id"]) for row in await tx.fetch(_HELD, case.shop_id, case.id)]
    back = await shops.release_listings(tx, case.shop_id, held, REASON, case.id) if held else []
    if back:
        await guard.put_back(tx, case.shop_id, back, maker=ids, now=now)
    if PenaltyKind.DEDUCTION in by_kind:
        await _pay_back(tx, case, by_kind[PenaltyKind.DEDUCTION], ids=ids, now=now)


async def end(tx: Tx, *, now: datetime) -> int:
    """End suspensions and limits whose time is over: how many."""
    ended = await penalties.end_penalties(tx, now=now)
    for case_id, shop_id, kind in ended:
        if kind == PenaltyKind.SUSPENSION:
            await shops.release_shop(tx, shop_id, REASON, case_id)
    return len(ended)


async def _take_off(tx: Tx, case: Case, product_id: ProductId, *, now: datetime) -> None:
    was = await tx.fetchval(_WAS_LISTED, cell_of(product_id), product_id, case.shop_id)
    if was is None:
        return  # deleted meanwhile
    await shops.hold_listings(tx, case.shop_id, [(product_id, bool(was))], REASON, case.id, now=now)
    if was:
        await catalogue.delist(tx, case.shop_id, [product_id], now=now)


async def _deduct(tx: Tx, case: Case, it: Penalty, *, ids: IdMaker, now: datetime) -> None:
    held = await deposits.lock_deposit(tx, case.shop_id, now=now)
    taken, owed = from_deposit(it.amount, held.held_minor)
    await penalties.set_owed(tx, case.id, it.position, from_deposit_minor=taken, owed_minor=owed)
    move = _move(case, MoveKind.PENALTY, -taken, ids=ids, now=now) if taken else None
    postings = money.deducted(case.shop_id, taken, owed)
    await move_deposit(
        tx,
        move,
        postings,
        kind=MoveKind.PENALTY,
        shop_id=case.shop_id,
        subject_id=case.id,
        now=now,
    )


async def _pay_back(tx: Tx, case: Case, it: Penalty, *, ids: IdMaker, now: datetime) -> None:
    await deposits.lock_deposit(tx, case.shop_id, now=now)
    still_owed = await balance_of(tx, money.RECEIVABLE, case.shop_id) if it.owed_minor else 0
    to_deposit, off_debt, to_earnings = given_back(it.from_deposit_minor, it.owed_minor, still_owed)
    move = _move(case, MoveKind.PENALTY_BACK, to_deposit, ids=ids, now=now) if to_deposit else None
    postings = money.taken_back(case.shop_id, to_deposit, off_debt, to_earnings)
    await move_deposit(
        tx,
        move,
        postings,
        kind=MoveKind.PENALTY_BACK,
        shop_id=case.shop_id,
        subject_id=case.id,
        now=now,
    )


def _move(
    case: Case, kind: MoveKind, amount_minor: int, *, ids: IdMaker, now: datetime
) -> DepositMove:
    return DepositMove(
        id=MoveId(ids.make(cell_of(case.shop_id))),
        shop_id=case.shop_id,
        kind=kind,
        amount_minor=amount_minor,
        subject_id=case.id,
        occurred_at=now,
    )
