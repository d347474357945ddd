"""What a product's page says of its prices: the price now, why, until when, and what is coming.

Handed to the storefront by the composition root; the prices are those a quote starts from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from jishi.db import Tx, load_sql
from jishi.flows.quote import rules
from jishi.flows.quote.market import load
from jishi.flows.quote.types import Asked, MarketFacts, Piece
from jishi.kit.ids import AccountId, ShopId, SkuId
from jishi.kit.regions import NOWHERE_YET
from jishi.modules import pricing
from jishi.modules.pricing import Audience, Offered, OfferKind, Standing

SKUS_MAX: Final = 500  # of one product
_COMING: Final = load_sql(__package__, "coming_offers")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTag:
    """The price of one piece of a SKU now. ``left``: pieces at that price; None: no quota."""

    price_minor: int
    list_minor: int
    kind: OfferKind
    title: str
    ends_at: datetime
    left: int | None


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
    asked = Asked(
        buyer_id=buyer_id,
        pieces=[Piece(each, 1) for each in skus],
        destination=NOWHERE_YET,
        now=now,
    )
    market = await load(tx, [asked], prices_only=True)
    standing = market.standings.get(buyer_id or 0, rules.VISITOR)
    is_member = shop_id in standing.member_of
    if not skus and buyer_id is not None:
        is_member = await pricing.is_member(tx, buyer_id, shop_id)
    coming = await tx.fetch(_COMING, skus, now) if skus else []
    return ProductOffers(
        tags=tags_of(market, standing, now),
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


def tags_of(market: MarketFacts, standing: Standing, now: datetime) -> dict[SkuId, PriceTag]:
    """SKUs whose first piece costs less than the list price, by the rule the quote goes by."""
    found: dict[SkuId, PriceTag] = {}
    for sku_id, sku in market.skus.items():
        rows = rules.live(sku.offers or (), rules.microseconds(now))
        line = rules.line_of(Piece(sku_id, 1), sku, market, now)
        offer, _ = pricing.unit_prices(line, standing)[0]
        if offer is None:
            continue
        ends = next(row["ends"] for row in rows if row["id"] == offer.id)
        found[sku_id] = PriceTag(
            price_minor=offer.price_minor,
            list_minor=sku.price_minor,
            kind=offer.kind,
            title=offer.title,
            ends_at=rules.EPOCH + timedelta(microseconds=ends),
            left=offer.left,
        )
    return found


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
