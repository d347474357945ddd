"""What a product's page says of its prices: the price now, why, until when, and what is coming.

Handed to the storefront by the composition root; the prices are those a quote starts from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jishi.db import Tx, load_sql
from jishi.flows.quote import rules
from jishi.flows.quote.prices import PriceTag, one_of_each, tags_of
from jishi.flows.quote.types import MarketFacts
from jishi.kit.ids import AccountId, ShopId, SkuId
from jishi.modules import pricing
from jishi.modules.pricing import Audience, Offered, OfferKind

SKUS_MAX: Final = 500  # of one product
_COMING: Final = load_sql(__package__, "coming_offers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A price that has been announced."""

    kind: OfferKind
    title: str
    price_minor: int
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTag:
    title: str
    pieces: int
    price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOffers:
    """``member_minor``: the lowest price members pay, for those who are none yet."""

    tags: dict[SkuId, PriceTag]
    sets: Sequence[SetTag]
    coming: Sequence[Coming]
    coupons: Sequence[Offered]
    member_minor: int | None
    is_member: bool


async def product_offers(
    tx: Tx, sku_ids: Sequence[SkuId], shop_id: ShopId, buyer_id: AccountId | None, *, now: datetime
) -> ProductOffers:
    """Offers of a product's SKUs as this person (None: a visitor) has them, and coupons to claim.

    Without SKUs only what is the shop's: its coupons, and whether the person is a member.
    """
    skus = list(sku_ids)[:SKUS_MAX]
    market = await one_of_each(tx, skus, buyer_id, now)
    is_member = buyer_id is not None and await pricing.is_member(tx, buyer_id, shop_id)
    coming = await tx.fetch(_COMING, skus, now) if skus else []
    return ProductOffers(
        tags=tags_of(market, market.standings.get(buyer_id or 0, rules.VISITOR), now),
        sets=_sets(market, now),
        coming=[
            Coming(
                kind=OfferKind(row["kind"]),
                title=row["title"],
                price_minor=row["price_minor"],
                starts_at=row["starts_at"],
            )
            for row in coming
        ],
        coupons=await pricing.offered_coupons(tx, [shop_id], buyer_id=buyer_id, now=now),
        member_minor=None if is_member else _member_price(market, now),
        is_member=is_member,
    )


def _rows(market: MarketFacts, now: datetime) -> list[Any]:
    return [
        (sku, row)
        for sku in market.skus.values()
        for row in rules.live(sku.offers or (), rules.microseconds(now))
    ]


def _sets(market: MarketFacts, now: datetime) -> list[SetTag]:
    found = {
        row["id"]: SetTag(title=row["title"], pieces=row["pieces"], price_minor=row["set_price"])
        for _, row in _rows(market, now)
        if row["price"] is None
    }
    return [found[each] for each in sorted(found)]


def _member_price(market: MarketFacts, now: datetime) -> int | None:
    prices = [
        row["price"]
        for sku, row in _rows(market, now)
        if row["audience"] == Audience.MEMBERS and row["price"] and row["price"] < sku.price_minor
    ]
    return min(prices, default=None)
