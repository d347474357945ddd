"""What the rest of Jishi may ask of deposits. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import PaymentId, ShopId
from jishi.kit.paging import Page, id_below, page_of
from jishi.kit.text import clean
from jishi.modules.deposits import rules, storage
from jishi.modules.deposits.types import (
    REFERENCE_MAX,
    RETURN_AFTER,
    TOP_UP,
    Deposit,
    DepositMove,
    DepositPayment,
    MoveId,
    PaymentNotFound,
    ReferenceMissing,
    ReferenceTaken,
)

BATCH: Final = 100


async def deposit_of(tx: Tx, shop_id: ShopId) -> Deposit:
    """What a shop must leave and left; zeros before anything was asked."""
    found = await storage.find(tx, shop_id)
    return found or Deposit(
        shop_id=shop_id,
        required_minor=0,
        held_minor=0,
        due_at=None,
        return_due_at=None,
        returned_at=None,
    )


async def lock_deposit(tx: Tx, shop_id: ShopId, *, now: datetime) -> Deposit:
    """The same, held until ``tx`` ends."""
    return await storage.lock(tx, shop_id, now=now)


async def refresh(tx: Tx, shop_ids: Sequence[ShopId], *, now: datetime) -> dict[ShopId, int]:
    """Reckon anew what shops must leave: those of whom more is asked than they left, just changed, each
    with what it lacks in minor units."""
    rows = await storage.refresh(tx, shop_ids, now=now, due_at=now + TOP_UP)
    lacks = {
        ShopId(row["shop_id"]): rules.lacking(row["required_minor"], row["held_minor"])
        for row in rows
    }
    return {shop_id: minor for shop_id, minor in lacks.items() if minor}


async def record(tx: Tx, move: DepositMove, *, now: datetime) -> Deposit:
    """Write a move and what is held after it. The flow books it in the ledger in this transaction."""
    before = await storage.lock(tx, move.shop_id, now=now)
    held_minor = before.held_minor + move.amount_minor
    assert held_minor >= 0, f"the deposit of {move.shop_id} does not hold {move.amount_minor}"
    await storage.insert_move(tx, move)
    due_at = rules.due_at(before.required_minor, held_minor, before.due_at, now=now)
    await storage.set_held(tx, move.shop_id, held_minor, due_at, now=now)
    return await deposit_of(tx, move.shop_id)


async def claim_reference(tx: Tx, reference: str, shop_id: ShopId, move_id: MoveId) -> str:
    """A bank's reference, for this move only. Raises ReferenceMissing, ReferenceTaken."""
    plain = clean(reference).upper()
    if not 1 <= len(plain) <= REFERENCE_MAX:
        raise ReferenceMissing(field="reference", limit=REFERENCE_MAX)
    if not await storage.take_reference(tx, plain, shop_id, move_id):
        raise ReferenceTaken(field="reference")
    return plain


async def add_payment(tx: Tx, it: DepositPayment) -> None:
    """What a payment is for. The flow makes the payment itself in this transaction."""
    await storage.insert_payment(tx, it)


async def get_payment(tx: Tx, shop_id: ShopId, payment_id: PaymentId) -> DepositPayment:
    """Raises PaymentNotFound."""
    found = await storage.find_payment(tx, shop_id, payment_id)
    if found is None:
        raise PaymentNotFound
    return found


async def open_payments(tx: Tx, shop_id: ShopId, *, now: datetime) -> list[DepositPayment]:
    """What the shop asked for and can still pay, the newest first; few."""
    return await storage.open_payments(tx, shop_id, now=now)


async def take_payments(tx: Tx, paid: Sequence[tuple[PaymentId, datetime]]) -> list[DepositPayment]:
    """Mark paid payments as taken, each with when it was paid: those that were not taken before."""
    return await storage.take_payments(tx, paid)


async def list_moves(
    tx: Tx, shop_id: ShopId, *, cursor: str | None, size: int
) -> Page[DepositMove]:
    """The newest first. Raises CursorInvalid."""
    found = await storage.list_moves(tx, shop_id, before=id_below(cursor), limit=size + 1)
    return page_of(found, size, lambda it: (it.id,))


async def overdue(tx: Tx, *, now: datetime) -> list[ShopId]:
    """A batch of shops that did not pay in time and are not suspended for it yet; held until ``tx`` ends."""
    return await storage.overdue(tx, now=now, limit=BATCH)


async def start_return(tx: Tx, shop_id: ShopId, *, now: datetime) -> datetime:
    """Nothing is asked any more; when the deposit goes back."""
    await storage.lock(tx, shop_id, now=now)
    await storage.start_return(tx, shop_id, now + RETURN_AFTER, now=now)
    return now + RETURN_AFTER


async def stop_return(tx: Tx, shop_id: ShopId, *, now: datetime) -> None:
    """The shop opens again: what is left stays, and what it lacks is asked anew."""
    await storage.stop_return(tx, shop_id, now=now)


async def returnable(tx: Tx, *, now: datetime) -> list[ShopId]:
    """A batch of closed shops whose waiting time is over."""
    return await storage.returnable(tx, now=now, limit=BATCH)


async def mark_returned(tx: Tx, shop_id: ShopId, *, now: datetime) -> None:
    await storage.mark_returned(tx, shop_id, now=now)
