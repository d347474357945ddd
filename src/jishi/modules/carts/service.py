"""What the rest of Jishi may ask of carts. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import SkuId
from jishi.modules.carts import storage
from jishi.modules.carts.types import (
    LINES_MAX,
    VISITOR_KEEPS,
    CartFull,
    CartLine,
    CartOwner,
)

FORGET_BATCH: Final = 1000


async def list_lines(tx: Tx, owner: CartOwner) -> list[CartLine]:
    """All lines, at most 120, newest first."""
    return await storage.list_lines(tx, owner)


async def count_lines(tx: Tx, owner: CartOwner) -> int:
    return await storage.count_lines(tx, owner)


async def add_line(
    tx: Tx, owner: CartOwner, sku_id: SkuId, *, quantity: int, price_minor: int, now: datetime
) -> int:
    """Put pieces in; the pieces of the line then. ``quantity`` is checked already.

    The caller has made sure that the SKU is for sale. Raises CartFull.
    """
    found = await storage.add_line(
        tx, owner, sku_id, quantity=quantity, price_minor=price_minor, now=now
    )
    if found is None:
        raise CartFull(most=LINES_MAX)
    return found


async def save_lines(
    tx: Tx, owner: CartOwner, lines: Sequence[tuple[SkuId, int, bool]], *, now: datetime
) -> None:
    """Set pieces and choice of lines; those that are not in the cart any more are passed over."""
    if lines:
        await storage.save_lines(tx, owner, lines, now=now)


async def remove_lines(tx: Tx, owner: CartOwner, sku_ids: Sequence[SkuId]) -> int:
    """Take lines out; how many there were. None of them there is no refusal: they are gone."""
    return await storage.remove_lines(tx, owner, sku_ids)


async def join(tx: Tx, visitor: CartOwner, account: CartOwner, *, now: datetime) -> None:
    """Let a visitor's cart join an account's. A second time there is nothing left to join."""
    assert visitor.is_visitor
    assert not account.is_visitor
    await storage.join(tx, visitor, account, now=now)


async def forget_visitors(tx: Tx, *, now: datetime) -> int:
    """Drop one batch of visitors' lines nobody has touched for 60 days; how many."""
    return await storage.forget_visitors(tx, before=now - VISITOR_KEEPS, limit=FORGET_BATCH)
