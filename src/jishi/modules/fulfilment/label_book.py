"""What the rest of Jishi may ask of labels. The only file that writes ``waybill`` and its directory."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId, cell_for, cell_of
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules.fulfilment.types_tracking import Waybill, WaybillId, WaybillState

_ASK: Final = load_sql(__package__, "ask_waybills")
_NAMES: Final = tuple(field.name for field in fields(Waybill))
_OF_SHOP: Final = """
SELECT * FROM waybill
WHERE cell = $1 AND id = ANY ($2::bigint[]) AND shop_id = $3 ORDER BY id
"""
_OF_ORDERS: Final = """
SELECT * FROM waybill WHERE cell = $1 AND order_id = ANY ($2::bigint[]) AND shop_id = $3
    AND state IN ('asked', 'made', 'cancelling', 'used') ORDER BY id
"""
_OF_NUMBER: Final = """
SELECT * FROM waybill WHERE cell = $1 AND shop_id = $2 AND number = $3 ORDER BY id DESC LIMIT 1
"""
_WAITING: Final = """
SELECT * FROM waybill WHERE cell = $1 AND shop_id = $2 AND state IN ('asked', 'made', 'cancelling')
    AND id > $3 ORDER BY id LIMIT $4
"""
_NUMBER: Final = """
INSERT INTO waybill_number (cell, carrier, number, waybill_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (cell, carrier, number) DO UPDATE SET waybill_id = waybill_number.waybill_id
RETURNING waybill_id
"""
_MADE: Final = """
UPDATE waybill SET state = CASE state WHEN 'asked' THEN 'made' ELSE state END, number = $2, route = $3,
    made_at = $4, retry_at = CASE state WHEN 'asked' THEN NULL ELSE retry_at END, last_error = NULL
WHERE cell = cell_of($1) AND id = $1 AND state IN ('asked', 'cancelling') AND number IS NULL
"""
_FAILED: Final = """
UPDATE waybill SET state = 'failed', last_error = $2, ended_at = $3, retry_at = NULL
WHERE cell = cell_of($1) AND id = $1 AND state = 'asked'
"""
_PRINTED: Final = """
UPDATE waybill SET prints = prints + 1, printed_at = coalesce(printed_at, $3)
WHERE cell = $1 AND id = ANY ($2::bigint[])
"""
_AGAIN: Final = """
UPDATE waybill SET attempts = attempts + 1, last_error = $2, retry_at = $3
WHERE cell = cell_of($1) AND id = $1 AND state IN ('asked', 'cancelling')
"""
_TO_CANCEL: Final = """
UPDATE waybill SET state = 'cancelling', retry_at = $3
WHERE cell = cell_of(id) AND id = ANY ($1::bigint[]) AND shop_id = $2 AND state = 'made' RETURNING id
"""
_ORDERS_DONE: Final = """
UPDATE waybill w SET state = 'cancelling', retry_at = $2
FROM unnest($1::bigint[]) a(id)
WHERE w.cell = cell_of(a.id) AND w.order_id = a.id AND w.state = 'made'
"""
_CANCELLED: Final = """
UPDATE waybill SET state = 'cancelled', ended_at = $2, retry_at = NULL, last_error = NULL
WHERE cell = cell_of($1) AND id = $1 AND state = 'cancelling'
"""
_KEPT: Final = """
UPDATE waybill SET state = 'made', last_error = $2, retry_at = NULL
WHERE cell = cell_of($1) AND id = $1 AND state = 'cancelling'
"""
_USED: Final = """
UPDATE waybill w SET state = 'used', ended_at = $3, retry_at = NULL
FROM unnest($1::bigint[], $2::text[]) a(order_id, number)
WHERE w.cell = cell_of(a.order_id) AND w.order_id = a.order_id AND w.number = a.number
    AND w.state IN ('made', 'cancelling')
"""
_DUE: Final = """
UPDATE waybill w SET retry_at = $3 FROM (
    SELECT cell, id FROM waybill WHERE retry_at <= $1 ORDER BY retry_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
) due WHERE w.cell = due.cell AND w.id = due.id
RETURNING w.*
"""


async def ask(
    tx: Tx,
    shop_id: ShopId,
    rows: Sequence[tuple[WaybillId, int, int, int]],
    *,
    carrier: str,
    actor_id: int,
    now: datetime,
    again_at: datetime,
) -> set[WaybillId]:
    """(id, order, warehouse, pieces) each; those that were written. The others have a label."""
    if not rows:
        return set()
    ids, orders, warehouses, pieces = (list(column) for column in zip(*rows, strict=True))
    found = await tx.fetch(
        _ASK, ids, shop_id, orders, warehouses, carrier, pieces, actor_id, now, again_at
    )
    return {WaybillId(row["id"]) for row in found}


async def waybills_of(tx: Tx, shop_id: ShopId, ids: Sequence[int]) -> list[Waybill]:
    """Those of ``ids`` that are the shop's, oldest first."""
    return [_waybill(row) for row in await tx.fetch(_OF_SHOP, cell_of(shop_id), list(ids), shop_id)]


async def of_orders(tx: Tx, shop_id: ShopId, orders: Sequence[int]) -> list[Waybill]:
    """Labels of a shop's orders that wait or were used, oldest first."""
    rows = await tx.fetch(_OF_ORDERS, cell_of(shop_id), list(orders), shop_id)
    return [_waybill(row) for row in rows]


async def find_by_number(tx: Tx, shop_id: ShopId, number: str) -> Waybill | None:
    """The shop's newest label of this number, of whatever carrier."""
    row = await tx.fetchrow(_OF_NUMBER, cell_of(shop_id), shop_id, number)
    return _waybill(row) if row else None


async def waiting(tx: Tx, shop_id: ShopId, *, cursor: str | None, size: int) -> Page[Waybill]:
    """A shop's labels that were not used yet, oldest first. Raises CursorInvalid."""
    (after,) = decode_cursor(cursor, int) or (0,)
    rows = await tx.fetch(_WAITING, cell_of(shop_id), shop_id, after, size + 1)
    return page_of([_waybill(row) for row in rows], size, lambda it: (it.id,))


async def record_made(tx: Tx, waybill: Waybill, *, number: str, route: str, now: datetime) -> bool:
    """False when the carrier gave a number that stands for another label of the market."""
    cell = cell_for(f"{waybill.carrier}:{number}")
    owner = await tx.fetchval(_NUMBER, cell, waybill.carrier, number, waybill.id)
    if owner != waybill.id:
        await tx.execute(_FAILED, waybill.id, "number_taken", now)
        return False
    await tx.execute(_MADE, waybill.id, number, route, now)
    return True


async def record_failed(tx: Tx, waybill_id: WaybillId, code: str, *, now: datetime) -> None:
    await tx.execute(_FAILED, waybill_id, code, now)


async def record_printed(
    tx: Tx, shop_id: ShopId, ids: Sequence[WaybillId], *, now: datetime
) -> None:
    """These labels of a shop were printed once more."""
    await tx.execute(_PRINTED, cell_of(shop_id), list(ids), now)


async def ask_again(tx: Tx, waybill_id: WaybillId, code: str, *, at: datetime) -> None:
    await tx.execute(_AGAIN, waybill_id, code, at)


async def begin_cancel(
    tx: Tx, shop_id: ShopId, ids: Sequence[int], *, again_at: datetime
) -> set[int]:
    """Those that are being cancelled now; the others were not made, used or cancelled."""
    rows = await tx.fetch(_TO_CANCEL, list(ids), shop_id, again_at)
    return {row["id"] for row in rows}


async def cancel_of_orders(tx: Tx, orders: Sequence[int], *, at: datetime) -> None:
    """Labels of orders that need none any more; the job tells their carriers from ``at`` on."""
    await tx.execute(_ORDERS_DONE, list(orders), at)


async def record_cancelled(tx: Tx, waybill_id: WaybillId, *, now: datetime) -> None:
    await tx.execute(_CANCELLED, waybill_id, now)


async def record_kept(tx: Tx, waybill_id: WaybillId, code: str) -> None:
    """The carrier did not take it back."""
    await tx.execute(_KEPT, waybill_id, code)


async def mark_used(
    tx: Tx, orders: Sequence[int], numbers: Sequence[str], *, now: datetime
) -> None:
    """The labels that parcels of these orders left with; pairs."""
    await tx.execute(_USED, list(orders), list(numbers), now)


async def claim_due(
    tx: Tx, *, now: datetime, limit: int, again_at: datetime
) -> list[tuple[Waybill, int]]:
    """Labels whose carrier is to be asked again, with how often it was; nobody else gets them."""
    rows = await tx.fetch(_DUE, now, limit, again_at)
    return [(_waybill(row), row["attempts"]) for row in rows]


def _waybill(row: Row) -> Waybill:
    facts = {name: row[name] for name in _NAMES}
    return Waybill(**{**facts, "state": WaybillState(row["state"])})
