"""Lower the price of one unpaid order in one transaction."""

from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.flows.reprice_order.rules import reductions
from jishi.flows.reprice_order.types import (
    BuyerIsPaying,
    LineOff,
    LineStands,
    NotUnpaid,
    RepriceAsked,
    Repriced,
)
from jishi.kit.errors import NotFound
from jishi.kit.text import clean
from jishi.modules.orders import OrderState

WHY_MAX: Final = 100

_PAYMENT_OF: Final = """
SELECT payment_id FROM sale_order WHERE cell = cell_of($1) AND id = $1 AND shop_id = $2
"""
_LOCK_PAYMENT: Final = """
SELECT state, asked_at, expires_at FROM payment WHERE cell = cell_of($1) AND id = $1 FOR NO KEY UPDATE
"""
_LOCK_ORDER: Final = """
SELECT state, expires_at FROM sale_order WHERE cell = cell_of($1) AND id = $1 FOR NO KEY UPDATE
"""
_LINES: Final = load_sql(__package__, "lines")
_REPRICE: Final = load_sql(__package__, "reprice")


async def reprice(tx: Tx, asked: RepriceAsked) -> Repriced:
    """The order at its new price. Holds the payment, then the order, until ``tx`` ends.

    Raises NotFound, NotUnpaid, BuyerIsPaying, NotLower, FreightNotLower.
    """
    payment_id = await tx.fetchval(_PAYMENT_OF, asked.order_id, asked.shop_id)
    if payment_id is None:
        raise NotFound
    payment = await tx.fetchrow(_LOCK_PAYMENT, payment_id)
    order = await tx.fetchrow(_LOCK_ORDER, asked.order_id)
    assert payment is not None
    assert order is not None
    if (
        order["state"] != OrderState.UNPAID
        or payment["state"] != "open"
        or asked.at >= order["expires_at"]
    ):
        raise NotUnpaid(order_id=asked.order_id)
    if payment["asked_at"] is not None:
        raise BuyerIsPaying(order_id=asked.order_id)
    lines = [_stands(row) for row in await tx.fetch(_LINES, asked.order_id)]
    before = sum(line.goods_minor + line.freight_minor for line in lines)
    off = reductions(lines, asked.total_minor, asked.freight_minor)
    done = await tx.fetchval(
        _REPRICE,
        asked.order_id,
        payment_id,
        asked.at,
        asked.actor_id,
        clean(asked.why)[:WHY_MAX],
        before - asked.total_minor,
        *columns([_columns(line) for line in off]),
    )
    assert done == 1, f"order {asked.order_id} was not repriced"
    return Repriced(
        order_id=asked.order_id, before_minor=before, total_minor=asked.total_minor, lines=off
    )


def _stands(row: Row) -> LineStands:
    return LineStands(
        line=row["line"], goods_minor=row["goods_minor"], freight_minor=row["freight_minor"]
    )


def _columns(line: LineOff) -> tuple[int, int, int]:
    return line.line, line.goods_minor, line.freight_minor
