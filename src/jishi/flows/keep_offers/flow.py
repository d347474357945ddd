"""Make an offer with its quotas in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, SkuId
from jishi.modules import pricing
from jishi.modules.pricing import Item, OfferDraft, ScopeForeign

_OWN: Final = load_sql(__package__, "own_skus")
_QUOTAS: Final = load_sql(__package__, "open_quotas")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """A SKU chosen for an offer. ``percent_off_bp`` stands for a price: what it takes off, rounded down."""

    sku_id: SkuId
    price_minor: int | None = None
    percent_off_bp: int | None = None
    quota: int | None = None
    per_buyer: int | None = None


async def create_offer(
    tx: Tx,
    maker: IdMaker,
    draft: OfferDraft,
    picked: Sequence[Picked],
    *,
    actor_id: AccountId,
    now: datetime,
) -> int:
    """Make an offer of ``picked`` SKUs (``draft.items`` is not looked at); its id.

    Raises ScopeForeign for SKUs that are not the shop's, and what ``pricing.make_offer`` raises.
    """
    items = await _items(tx, draft.shop_id, picked)
    draft = replace(draft, items=items)
    offer_id = await pricing.make_offer(tx, maker, draft, actor_id=actor_id, now=now)
    quotas = [
        (item.sku_id, item.quota if item.quota is not None else UNBOUNDED, item.per_buyer)
        for item in items
        if item.quota is not None or item.per_buyer is not None
    ]
    if quotas:
        await tx.execute(_QUOTAS, offer_id, *columns(quotas))
    return offer_id


UNBOUNDED: Final = 1_000_000_000_000  # units, where only each buyer is limited


async def _items(tx: Tx, shop_id: ShopId, picked: Sequence[Picked]) -> list[Item]:
    rows = {row["sku_id"]: row for row in await tx.fetch(_OWN, shop_id, [p.sku_id for p in picked])}
    if len(rows) != len({each.sku_id for each in picked}):
        raise ScopeForeign(field="items")
    found = []
    for each in picked:
        row = rows[each.sku_id]
        price = each.price_minor
        if price is None and each.percent_off_bp is not None:
            price = row["price_minor"] - row["price_minor"] * each.percent_off_bp // 10_000
        found.append(
            Item(
                sku_id=each.sku_id,
                product_id=ProductId(row["product_id"]),
                list_minor=row["price_minor"],
                price_minor=price,
                quota=each.quota,
                per_buyer=each.per_buyer,
            )
        )
    return found
