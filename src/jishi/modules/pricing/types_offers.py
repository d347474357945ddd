"""Offers as shops make them: special prices, flash sales, sets; their refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.modules.pricing.types import Audience, OfferKind

ITEMS_MAX: Final = 200  # SKUs of one offer
QUOTA_MAX: Final = 1_000_000_000  # units of a SKU at a price
UNBOUNDED: Final = 1_000_000_000_000  # a quota that binds nobody, where only each buyer is limited
PIECES_MAX: Final = 99  # of a set; offer_set repeats it
LONGEST: Final = timedelta(days=400)  # of a timed price, flash sale or set
FOREVER: Final = datetime(2999, 12, 31, tzinfo=UTC)  # a member price has no end until it is ended

# Kinds that may not meet on one SKU at one time, each with those of its group.
TOGETHER: Final = {
    OfferKind.TIMED: ("timed", "flash"),
    OfferKind.FLASH: ("timed", "flash"),
    OfferKind.MEMBER: ("member",),
    OfferKind.N_FOR: ("n_for",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A SKU of an offer. ``list_minor``: its list price now; ``quota`` None: as many as there are."""

    sku_id: SkuId
    product_id: ProductId
    list_minor: int
    price_minor: int | None = None
    quota: int | None = None
    per_buyer: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDraft:
    shop_id: ShopId
    kind: OfferKind
    title: str
    items: Sequence[Item]
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime
    audience: Audience = Audience.EVERYONE
    is_exclusive: bool = False
    pieces: int | None = None
    price_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferStands:
    """An offer to be changed: all it is made of (no list prices) and what its SKUs have sold of quotas."""

    id: int
    draft: OfferDraft
    taken: Mapping[SkuId, int]
    ended_at: datetime | None
    version: int

    def is_seen(self, now: datetime) -> bool:
        """Whether buyers have seen its prices: from the announcement on."""
        return now >= self.draft.announced_at

    def has_begun(self, now: datetime) -> bool:
        return now >= self.draft.starts_at

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None or now >= self.draft.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer with what became of it. ``taken`` and ``quota``: units over all its SKUs."""

    id: int
    kind: OfferKind
    title: str
    audience: Audience
    is_exclusive: bool
    announced_at: datetime
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    pieces: int | None
    price_minor: int | None
    skus: int
    quota: int | None
    taken: int
    orders: int
    discount_minor: int
    gmv_minor: int


class ItemsMissing(Refusal):
    code, text = "pricing.items_missing", "Choose at least one, at most {most}."


class PriceNotLower(Refusal):
    code = "pricing.price_not_lower"
    text = "The price must be above 0 and below the list price."


class QuotaInvalid(Refusal):
    code, text = "pricing.quota_invalid", "This must be a whole number above 0."


class PriceRaised(Refusal):
    kind, code = Kind.CONFLICT, "pricing.price_raised"
    text = (
        "Buyers have seen a lower price ({before}). It can only fall; to raise it, end this offer"
        " and make a new one."
    )


class GoodsStay(Refusal):
    kind, code = Kind.CONFLICT, "pricing.goods_stay"
    text = (
        "Buyers have seen this offer: goods can join it, none can leave. To take some out, end it"
        " and make a new one."
    )


class OfferBegun(Refusal):
    kind, code = Kind.CONFLICT, "pricing.offer_begun"
    text = "This cannot be changed any more: the offer has begun."


class QuotaBelowSold(Refusal):
    kind, code = Kind.CONFLICT, "pricing.quota_below_sold"
    text = "{sold} have been sold at this price. It cannot be fewer."


class OffersOverlap(Refusal):
    kind, code = Kind.CONFLICT, "pricing.offers_overlap"
    text = (
        "“{title}” has some of these goods at the same time. End it first, or choose another time."
    )


class OfferUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "pricing.offer_unknown"
    text = "There is no such offer, or it is over."
