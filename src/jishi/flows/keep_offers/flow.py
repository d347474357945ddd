"""Make and change offers with their quotas, each in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, SkuId
from jishi.kit.money import share_down
from jishi.modules import pricing
from jishi.modules.pricing import UNBOUNDED, Item, OfferDraft, ScopeForeign

_OWN: Final = load_sql(__package__, "own_skus")
_HOLD_QUOTAS: Final = """
SELECT sku_id FROM offer_stock WHERE cell = cell_of($1) AND offer_id = $1
ORDER BY sku_id FOR NO KEY UPDATE
"""
_QUOTAS: Final = load_sql(__package__, "set_quotas")


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
    draft = replace(draft, items=await _items(tx, draft.shop_id, picked))
    offer_id = await pricing.make_offer(tx, maker, draft, actor_id=actor_id, now=now)
    await _set_quotas(tx, offer_id, draft.items)
    return offer_id


async def change_offer(
    tx: Tx,
    offer_id: int,
    draft: OfferDraft,
    picked: Sequence[Picked],
    *,
    version: int,
    now: datetime,
) -> None:
    """Let an offer become ``draft`` of ``picked`` SKUs. Holds its quotas: what it sold stands still.

    Raises as ``create_offer``, and what ``pricing.change_offer`` raises.
    """
    held = {row["sku_id"] for row in await tx.fetch(_HOLD_QUOTAS, offer_id)}
    before = await pricing.get_offer(tx, offer_id, shop_id=draft.shop_id, now=now)
    kept = {item.sku_id for item in before.draft.items}
    draft = replace(draft, items=await _items(tx, draft.shop_id, picked, kept=kept))
    await pricing.change_offer(tx, offer_id, draft, version=version, now=now)
    await _set_quotas(tx, offer_id, draft.items, held=held)


async def _set_quotas(
    tx: Tx, offer_id: int, items: Sequence[Item], *, held: Collection[int] = ()
) -> None:
    """Quotas and limits of those that have one, or had one: their row counts what they sold."""
    rows = [
        (item.sku_id, UNBOUNDED if item.quota is None else item.quota, item.per_buyer)
        for item in items
        if item.quota is not None or item.per_buyer is not None or item.sku_id in held
    ]
    if rows or held:
        of_skus = columns(rows) if rows else [[], [], []]
        await tx.execute(_QUOTAS, offer_id, [item.sku_id for item in items], *of_skus)


async def _items(
    tx: Tx, shop_id: ShopId, picked: Sequence[Picked], *, kept: Collection[SkuId] = ()
) -> list[Item]:
    """``kept``: SKUs the offer has already; they may have left the shop's goods since."""
    found = await tx.fetch(_OWN, shop_id, [each.sku_id for each in picked])
    rows = {row["sku_id"]: row for row in found if not row["retired"] or row["sku_id"] in kept}
    if len(rows) != len({each.sku_id for each in picked}):
        raise ScopeForeign(field="items")
    items = []
    for each in picked:
        row = rows[each.sku_id]
        price = each.price_minor
        if price is None and each.percent_off_bp is not None:
            price = row["price_minor"] - share_down(row["price_minor"], each.percent_off_bp)
        items.append(
            Item(
                sku_id=each.sku_id,
                product_id=ProductId(row["product_id"]),
                list_minor=row["price_minor"],
                price_minor=price,
                quota=each.quota,
                per_buyer=each.per_buyer,
            )
        )
    return items
