"""The statements of shipping forms and labels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.flows.dispatch.types import (
    LineToShip,
    OrderToShip,
    ParcelNotThere,
    ParcelOver,
    ParcelTwice,
)
from jishi.kit.ids import AccountId, OrderId, ParcelId, ShopId, cell_of
from jishi.modules.orders import OrderState

_TO_SHIP: Final = load_sql(__package__, "to_ship")
_TEMPLATE: Final = load_sql(__package__, "template_rows")
_PICK: Final = load_sql(__package__, "pick_rows")
_WITHOUT_LABEL: Final = load_sql(__package__, "orders_without_label")
_STATES: Final = """
SELECT o.id, o.state FROM unnest($3::bigint[]) a(id)
JOIN sale_order o ON o.cell = $1 AND o.id = a.id AND o.shop_id = $2
"""
_HAS_PARCEL: Final = """
SELECT EXISTS (SELECT FROM parcel WHERE cell = $1 AND order_id = $2 AND waybill = $3)
"""
_PARCEL: Final = """
SELECT id, order_id, carrier, waybill FROM parcel
WHERE cell = $1 AND id = $2 AND order_id = $3 AND shop_id = $4
"""
_CORRECT: Final = load_sql(__package__, "correct_waybill")
_LAST_CARRIER: Final = """
SELECT p.carrier FROM (
    SELECT cell, id FROM sale_order WHERE cell = $1 AND shop_id = $2 ORDER BY id DESC LIMIT 100
) o JOIN parcel p ON p.cell = o.cell AND p.order_id = o.id ORDER BY p.id DESC LIMIT 1
"""


async def orders_to_ship(tx: Tx, shop_id: ShopId, ids: Sequence[int]) -> list[OrderToShip]:
    """Those of ``ids`` that are the shop's, same order."""
    rows = await tx.fetch(_TO_SHIP, cell_of(shop_id), shop_id, ids) if ids else []
    return [_order(row) for row in rows]


def _order(row: Row) -> OrderToShip:
    return OrderToShip(
        id=OrderId(row["id"]),
        state=OrderState(row["state"]),
        ship_by=row["ship_by"],
        address=row["address"],
        note=row["note"],
        is_asked=row["is_asked"],
        lines=[LineToShip(**line) for line in row["lines"] or ()],
    )


async def pick_rows(tx: Tx, shop_id: ShopId, ids: Sequence[int] | None, *, limit: int) -> list[Row]:
    """What to take from the shelves for these orders, or for those that must leave first."""
    return list(await tx.fetch(_PICK, cell_of(shop_id), shop_id, ids, limit))


async def states_of(tx: Tx, shop_id: ShopId, ids: Sequence[int]) -> dict[int, OrderState]:
    """The states of those orders that are the shop's."""
    rows = await tx.fetch(_STATES, cell_of(shop_id), shop_id, ids)
    return {row["id"]: OrderState(row["state"]) for row in rows}


async def has_parcel(tx: Tx, order_id: OrderId, waybill: str) -> bool:
    return bool(await tx.fetchval(_HAS_PARCEL, cell_of(order_id), order_id, waybill))


async def find_parcel(
    tx: Tx, shop_id: ShopId, order_id: OrderId, parcel_id: ParcelId
) -> Row | None:
    return await tx.fetchrow(_PARCEL, cell_of(order_id), parcel_id, order_id, shop_id)


async def correct_waybill(
    tx: Tx,
    shop_id: ShopId,
    order_id: OrderId,
    parcel_id: ParcelId,
    *,
    carrier: str,
    waybill: str,
    can_ask: bool,
    actor_id: AccountId,
    now: datetime,
    zone: str,
) -> None:
    """Give a parcel its right number. Raises ParcelNotThere, ParcelOver, ParcelTwice."""
    values = (parcel_id, order_id, shop_id, carrier, waybill, can_ask, actor_id, now, zone)
    verdict = await tx.fetchval(_CORRECT, *values)
    if verdict is None:
        raise ParcelNotThere
    if verdict == "ended":
        raise ParcelOver
    if verdict == "twice":
        raise ParcelTwice(field="waybill")


async def last_carrier(tx: Tx, shop_id: ShopId) -> str:
    """The carrier of the newest parcel among the shop's newest 100 orders; empty without one."""
    return await tx.fetchval(_LAST_CARRIER, cell_of(shop_id), shop_id) or ""


async def orders_without_label(tx: Tx, shop_id: ShopId, *, limit: int) -> list[int]:
    """Orders that wait to be shipped and have no label, those that must leave first."""
    rows = await tx.fetch(_WITHOUT_LABEL, cell_of(shop_id), shop_id, limit)
    return [row["id"] for row in rows]


async def template_rows(tx: Tx, shop_id: ShopId, *, limit: int) -> list[Row]:
    return list(await tx.fetch(_TEMPLATE, cell_of(shop_id), shop_id, limit))
