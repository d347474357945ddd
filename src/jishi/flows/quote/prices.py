"""The price of one piece now, offers included and coupons not: of SKUs for a buyer, of cards for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jishi.db import Tx
from jishi.flows.quote import rules
from jishi.flows.quote.market import load
from jishi.flows.quote.types import Asked, MarketFacts, Piece
from jishi.kit.ids import AccountId, ProductId, SkuId
from jishi.kit.regions import NOWHERE_YET
from jishi.modules import pricing
from jishi.modules.pricing import QUOTA_MAX, OfferKind, Standing

_CARDS: Final = "SELECT product_id, price_minor, list_minor FROM cards_now($1, $2)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTag:
    """The price of one piece of a SKU now. ``left``: pieces at that price; None: no quota."""

    price_minor: int
    list_minor: int
    kind: OfferKind
    title: str
    ends_at: datetime
    left: int | None


async def price_now(
    tx: Tx, sku_ids: Sequence[SkuId], account_id: AccountId | None, now: datetime
) -> dict[SkuId, int]:
    """What a piece of each SKU costs this buyer (None: a visitor); SKUs that do not exist are missing.

    What a buyer has used up, a quota or a limit per buyer, counts as gone.
    """
    market = await one_of_each(tx, sku_ids, account_id, now)
    tags = tags_of(market, market.standings.get(account_id or 0, rules.VISITOR), now)
    return {
        sku_id: tags[sku_id].price_minor if sku_id in tags else sku.price_minor
        for sku_id, sku in market.skus.items()
    }


async def cards_now(
    tx: Tx, product_ids: Sequence[ProductId], now: datetime
) -> dict[ProductId, tuple[int, int]]:
    """Of products whose lowest price is an offer's for everyone: that price, the SKU's list price.

    The others cost what their list prices say, and are missing. One statement.
    """
    rows = await tx.fetch(_CARDS, list(product_ids), now)
    return {ProductId(row["product_id"]): (row["price_minor"], row["list_minor"]) for row in rows}


async def one_of_each(
    tx: Tx, sku_ids: Sequence[SkuId], account_id: AccountId | None, now: datetime
) -> MarketFacts:
    """What the prices of one piece of each SKU are made of."""
    asked = Asked(
        buyer_id=account_id,
        pieces=[Piece(each, 1) for each in dict.fromkeys(sku_ids)],
        destination=NOWHERE_YET,
        now=now,
    )
    return await load(tx, [asked], prices_only=True)


def tags_of(market: MarketFacts, standing: Standing, now: datetime) -> dict[SkuId, PriceTag]:
    """SKUs whose first piece costs less than the list price, by the rule the quote goes by."""
    found: dict[SkuId, PriceTag] = {}
    for sku_id, sku in market.skus.items():
        line = rules.line_of(Piece(sku_id, 1), sku, market, now)
        offer, _ = pricing.unit_prices(line, standing)[0]
        if offer is None:
            continue
        ends = next(row["ends"] for row in sku.offers or () if row["id"] == offer.id)
        found[sku_id] = PriceTag(
            price_minor=offer.price_minor,
            list_minor=sku.price_minor,
            kind=offer.kind,
            title=offer.title,
            ends_at=rules.EPOCH + timedelta(microseconds=ends),
            left=None if offer.left is None or offer.left > QUOTA_MAX else offer.left,
        )
    return found
