"""What this flow reads. It owns no table and writes none itself."""

from collections.abc import Sequence
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.flows.checkout.types import Goods, NoSuchCombination, OptionMissing, PaidOrder
from jishi.kit.ids import OrderId, PaymentId, ProductId, SkuId
from jishi.modules.media import picture_src

IMAGE: Final = 160

_QUOTED: Final = load_sql(__package__, "quoted_skus")
_ORDERS: Final = load_sql(__package__, "payment_orders")
_PICK: Final = """
SELECT p.attributes, (
    SELECT k.id FROM sku k WHERE k.cell = p.cell AND k.product_id = p.id AND k.options = $2::text[]
        AND NOT k.retired) AS sku_id
FROM product p WHERE p.cell = cell_of($1) AND p.id = $1
"""


async def goods_of(tx: Tx, locale: str, sku_ids: Sequence[SkuId]) -> dict[SkuId, Goods]:
    """What is known of SKUs at this moment; those that do not exist are left out."""
    if not sku_ids:
        return {}
    return {row["sku_id"]: _goods(row, locale) for row in await tx.fetch(_QUOTED, sku_ids)}


async def pick_sku(tx: Tx, product_id: ProductId, options: Sequence[str]) -> SkuId:
    """The SKU of a combination, for browsers without script. Raises OptionMissing, NoSuchCombination."""
    row = await tx.fetchrow(_PICK, product_id, list(options))
    if row is None:
        raise NoSuchCombination(field="sku_id")
    for at, attribute in enumerate(row["attributes"]):
        if at >= len(options) or not options[at]:
            raise OptionMissing(field=f"d{at}", name=attribute["name"])
    if row["sku_id"] is None:
        raise NoSuchCombination(field="sku_id")
    return SkuId(row["sku_id"])


async def orders_of(
    tx: Tx, locale: str, payment_id: PaymentId, order_ids: Sequence[OrderId]
) -> list[PaidOrder]:
    """The orders of a payment, in its order."""
    return [
        PaidOrder(
            id=row["id"],
            state=row["state"],
            amount_minor=row["amount_minor"],
            shop_name=_named(row, "shop_name", locale),
            title=row["title"],
            image=picture_src(row["picture"], IMAGE),
            pieces=row["pieces"],
            outcome=row["outcome"],
        )
        for row in await tx.fetch(_ORDERS, order_ids, payment_id)
    ]


def _goods(row: Row, locale: str) -> Goods:
    return Goods(
        sku_id=row["sku_id"],
        product_id=row["product_id"],
        name=_named(row, "title", locale),
        spec=" · ".join(row["options"]),
        image=picture_src(row["picture"], IMAGE),
        price_minor=row["price_minor"],
        on_sale=row["on_sale"],
        left=row["on_hand"],
        shop_id=row["shop_id"],
        shop_name=_named(row, "shop_name", locale),
        shop_state=row["shop_state"],
        free_freight_from_minor=row["free_freight_from_minor"],
        ship_within_hours=row["ship_within_hours"],
    )


def _named(row: Row, column: str, locale: str) -> str:
    english = str(row[f"{column}_en"])
    return english if locale == "en" and english else str(row[column])
