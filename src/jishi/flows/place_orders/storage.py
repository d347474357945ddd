"""The statements of placing. Each takes a whole batch."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import cells, columns
from jishi.flows.place_orders.types import CheckoutAsked, PlannedCheckout, PlannedLine, SkuFacts
from jishi.kit.ids import SkuId

OFFER_COLUMNS: Final = 7

_FACTS: Final = load_sql(__package__, "sku_facts")
_CLAIM: Final = "SELECT * FROM claim_checkouts(NULL, $1, $2, $3)"
_PLACE: Final = (
    "SELECT * FROM place_orders(NULL, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33,"
    " $34, $35, $36, $37, $38, $39, $40, $41, $42)"
)
_OPEN: Final = "SELECT open_checkouts(NULL, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"


async def claim(tx: Tx, asked: Sequence[CheckoutAsked]) -> dict[int, Row]:
    """Hold the keys until ``tx`` ends; checkouts that exist already, by position in ``asked``."""
    buyers = [each.buyer_id for each in asked]
    rows = await tx.fetch(_CLAIM, cells(buyers), buyers, [each.key for each in asked])
    return {row["item"] - 1: row for row in rows}


async def sku_facts(tx: Tx, sku_ids: Sequence[SkuId], *, fee_bp: int) -> dict[SkuId, SkuFacts]:
    rows = await tx.fetch(_FACTS, sku_ids, fee_bp)
    return {row["sku_id"]: SkuFacts(**row) for row in rows}


async def place(tx: Tx, checkouts: Sequence[PlannedCheckout]) -> Mapping[int, Row]:
    """Write the plans under lock; refused lines by position in the flattened batch."""
    orders = [(checkout, order) for checkout in checkouts for order in checkout.orders]
    lines = [(at, line) for at, (_, order) in enumerate(orders, start=1) for line in order.lines]
    rows = await tx.fetch(
        _PLACE,
        cells([order.id for _, order in orders]),
        *columns(
            [
                (
                    checkout.id,
                    order.id,
                    order.shop_id,
                    checkout.buyer_id,
                    checkout.payment_id,
                    order.goods_minor,
                    order.discount_minor,
                    order.freight_minor,
                    order.platform_minor,
                    order.creator_minor,
                    order.creator_id,
                    order.fee_bp,
                    checkout.address,
                    order.note,
                    checkout.channel,
                    checkout.actor,
                    checkout.placed_at,
                    checkout.expires_at,
                )
                for checkout, order in orders
            ]
        ),
        *columns(
            [
                (
                    at,
                    line.line,
                    line.sku.sku_id,
                    line.sku.product_id,
                    line.warehouse_id,
                    line.quantity,
                    line.price_minor,
                    line.discount_minor,
                    line.freight_minor,
                    line.platform_minor,
                    line.creator_minor,
                    line.offer_id,
                    line.offer_quantity,
                    line.sku.title,
                    {"values": list(line.sku.options)},  # a bare list would pass as a dimension
                    line.sku.picture,
                )
                for at, line in lines
            ]
        ),
        *_offers(line for _, line in lines),
    )
    return {row["line_at"] - 1: row for row in rows}


def _offers(lines: Iterable[PlannedLine]) -> list[Any]:
    rows = [
        (at, position, rule.offer_id, rule.kind, rule.payer, rule.amount_minor, rule.title)
        for at, line in enumerate(lines, start=1)
        for position, rule in enumerate(line.offers, start=1)
    ]
    return list(columns(rows)) or [[]] * OFFER_COLUMNS


async def open_checkouts(tx: Tx, checkouts: Sequence[PlannedCheckout]) -> None:
    rows = [
        (
            checkout.id,
            checkout.buyer_id,
            checkout.key,
            checkout.request_hash,
            checkout.payment_id,
            checkout.provider,
            checkout.currency,
            checkout.amount_minor,
            _bigints(order.id for order in checkout.orders),
            _bigints(order.buyer_minor for order in checkout.orders),
            checkout.placed_at,
            checkout.expires_at,
        )
        for checkout in checkouts
    ]
    await tx.execute(_OPEN, cells([each.id for each in checkouts]), *columns(rows))


def _bigints(values: Any) -> str:
    """A bigint array as text: arrays of arrays do not pass as one parameter."""
    return "{" + ",".join(map(str, values)) + "}"


def flat_lines(checkouts: Sequence[PlannedCheckout]) -> list[tuple[int, Any]]:
    """The lines of a batch as ``place`` numbers them, each with its checkout's position."""
    return list(
        chain.from_iterable(
            ((at, line) for order in checkout.orders for line in order.lines)
            for at, checkout in enumerate(checkouts)
        )
    )
