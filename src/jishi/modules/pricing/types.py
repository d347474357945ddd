"""The words of pricing: what goes into a price, what comes out. No behaviour beyond sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.kit.text import mark as _

CLAIMS_MAX: Final = 20  # of a person's coupons that are looked at per shop, and of the market's


class OfferKind(StrEnum):
    """What lowered a price; as in ``sale_order_offer.kind``."""

    TIMED = "timed"
    FLASH = "flash"
    MEMBER = "member"
    N_FOR = "n_for"
    COUPON = "coupon"
    FREE_FREIGHT = "free_freight"
    AGREED = "agreed"  # on the goods
    AGREED_FREIGHT = "agreed_freight"


class Payer(StrEnum):
    SHOP = "shop"
    PLATFORM = "platform"
    CREATOR = "creator"


class Audience(StrEnum):
    EVERYONE = "everyone"
    NEW = "new"  # no paid order yet: in the shop, or in the market for a market coupon
    FOLLOWERS = "followers"
    MEMBERS = "members"


class Benefit(StrEnum):
    FIXED = "fixed"
    PERCENT = "percent"
    FREE_FREIGHT = "free_freight"


class Scope(StrEnum):
    ALL = "all"
    CATEGORIES = "categories"  # with all below them
    PRODUCTS = "products"


AUDIENCES: Final[Mapping[Audience, str]] = {
    Audience.EVERYONE: _("Everyone"),
    Audience.NEW: _("New buyers"),
    Audience.FOLLOWERS: _("Followers"),
    Audience.MEMBERS: _("Members"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOffer:
    """A special price of one SKU. ``left``: units at that price; None: as many as wanted."""

    id: int
    kind: OfferKind
    title: str
    price_minor: int
    audience: Audience = Audience.EVERYONE
    is_exclusive: bool = False
    left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOffer:
    """Any ``pieces`` units of SKUs that carry this offer, for ``price_minor``."""

    id: int
    title: str
    pieces: int
    price_minor: int
    audience: Audience = Audience.EVERYONE
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a coupon gives and when; fixed from the claim on. ``shop_id`` None: the whole market."""

    coupon_id: int
    title: str
    payer: Payer
    benefit: Benefit
    shop_id: ShopId | None = None
    creator_id: int | None = None
    amount_minor: int = 0
    rate_bp: int = 0
    cap_minor: int | None = None
    threshold_minor: int = 0
    scope: Scope = Scope.ALL
    scope_ids: frozenset[int] = frozenset()
    audience: Audience = Audience.EVERYONE
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A coupon in somebody's hands, good from ``valid_from`` until before ``valid_until``."""

    id: int
    terms: Terms
    valid_from: datetime
    valid_until: datetime
    is_used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Some pieces of a SKU at its list price, with the offers that are live for it.

    ``categories``: ids from the root to its own. Offers are already those of this moment.
    """

    sku_id: SkuId
    product_id: ProductId
    shop_id: ShopId
    price_minor: int
    quantity: int
    prices: Sequence[PriceOffer] = ()
    sets: Sequence[SetOffer] = ()
    categories: Sequence[int] = ()

    @property
    def goods_minor(self) -> int:
        return self.price_minor * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a buyer is to shops; a visitor is nothing to anybody."""

    is_new: bool = False
    new_to: frozenset[int] = frozenset()
    follows: frozenset[int] = frozenset()
    member_of: frozenset[int] = frozenset()
    # units still to be had at an offer's price by this buyer: (offer, SKU) → units
    limits: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedOffer:
    """One rule that lowered what the buyer pays for a line, and who bears it.

    ``offer_id`` is the coupon's for coupons, and 0 for a price agreed with the shop.
    """

    offer_id: int
    kind: str
    payer: str
    amount_minor: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """Amounts as in docs/money: the shop is owed ``amount_minor``, the buyer pays ``buyer_minor``."""

    sku_id: SkuId
    shop_id: ShopId
    quantity: int
    price_minor: int
    discount_minor: int = 0
    freight_minor: int = 0
    platform_minor: int = 0
    creator_minor: int = 0
    offer_id: int | None = None  # the offer whose quota ``offer_quantity`` units draw on
    offer_quantity: int = 0
    offers: Sequence[AppliedOffer] = ()

    @property
    def goods_minor(self) -> int:
        return self.price_minor * self.quantity

    @property
    def amount_minor(self) -> int:
        return self.goods_minor - self.discount_minor + self.freight_minor

    @property
    def buyer_minor(self) -> int:
        return self.amount_minor - self.platform_minor - self.creator_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedOrder:
    """What a shop's lines come to, in the order asked."""

    shop_id: ShopId
    lines: Sequence[PricedLine]
    creator_id: int | None = None

    def total(self, name: str) -> int:
        """The sum of a column of its lines."""
        return sum(getattr(line, name) for line in self.lines)

    @property
    def buyer_minor(self) -> int:
        return self.total("buyer_minor")


class Unfit(StrEnum):
    """Why a coupon does not lower this purchase; ``pricing.words`` says it to people."""

    UNKNOWN = "unknown"
    USED = "used"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    OTHER_GOODS = "other_goods"
    AUDIENCE = "audience"
    THRESHOLD = "threshold"
    NOTHING_LEFT = "nothing_left"
    NO_FREIGHT = "no_freight"
    SECOND = "second"  # one of its sort is in use already
    EXCLUSIVE = "exclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a coupon: the amount it took off, or why it cannot be used.

    ``short_minor``: how much more of its goods it takes to reach the threshold.
    """

    claim_id: int
    amount_minor: int = 0
    unfit: Unfit | None = None
    short_minor: int = 0
    parts: Mapping[int, int] = field(default_factory=dict)  # shop → amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Orders to be, in the order shops first appear, and what became of each coupon asked for."""

    orders: Sequence[PricedOrder]
    coupons: Sequence[Verdict] = ()

    @property
    def buyer_minor(self) -> int:
        return sum(order.buyer_minor for order in self.orders)

    @property
    def used(self) -> list[Verdict]:
        return [verdict for verdict in self.coupons if verdict.unfit is None]

    @property
    def unfit(self) -> list[Verdict]:
        return [verdict for verdict in self.coupons if verdict.unfit is not None]
