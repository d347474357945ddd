"""What lists of reviews show, and what may be asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jishi.kit.ids import OrderId, ProductId, ReviewId, ShopId, SkuId
from jishi.kit.text import mark as _
from jishi.modules.reviews.rules import rating_tenths

SORTS: Final[Mapping[str, str]] = {"best": _("Most helpful"), "newest": _("Newest")}
FILTERS: Final[Mapping[str, str]] = {
    "all": _("All"),
    "pictured": _("With pictures"),
    "follow_up": _("With follow-up"),
    "good": _("Good reviews"),
    "middling": _("Mixed reviews"),
    "poor": _("Poor reviews"),
}
SHOP_VIEWS: Final[Mapping[str, str]] = {
    "unanswered": _("To answer"),
    "poor": _("Poor reviews"),
    "all": _("All"),
}
MARKET_VIEWS: Final[Mapping[str, str]] = {"waiting": _("To look at"), "hidden": _("Hidden")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list as asked for; ``sku_id`` goes with filter ``sku``."""

    sort: str = "best"
    filter: str = "all"
    sku_id: SkuId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts of a product's reviews. The rating is the buyers'; without any, the imported ones'."""

    by_stars: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)  # one star first
    pictured: int = 0
    followed_up: int = 0
    bought: int = 0
    bought_stars: int = 0
    imported: int = 0
    imported_stars: int = 0

    @property
    def total(self) -> int:
        return self.bought + self.imported

    @property
    def rating_tenths(self) -> int | None:
        if self.bought:
            return rating_tenths(self.bought_stars, self.bought)
        return rating_tenths(self.imported_stars, self.imported)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many reviews each filter shows."""
        one, two, three, four, five = self.by_stars
        return {
            "all": self.total,
            "pictured": self.pictured,
            "follow_up": self.followed_up,
            "good": four + five,
            "middling": three,
            "poor": one + two,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSummary:
    """Of verified purchases only."""

    bought: int = 0
    rating_tenths: int | None = None
    dispatch_tenths: int | None = None
    service_tenths: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuCount:
    sku_id: SkuId
    name: str
    reviews: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A review as a stranger sees it."""

    id: ReviewId
    product_id: ProductId
    name: str  # empty: anonymous or imported
    is_anonymous: bool
    is_imported: bool
    is_own: bool
    spec: str
    stars: int
    text: str
    pictures: Sequence[tuple[str, str]]  # small, large
    follow_up: str | None
    follow_up_pictures: Sequence[tuple[str, str]]
    followed_up_at: datetime | None
    followed_up_days: int  # after the review
    answer: str | None
    helpful: int
    unhelpful: int
    mine: bool | None  # the reader's vote
    created_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review with its product, for its writer, its shop or an operator."""

    review: Shown
    product_name: str
    product_image: str | None
    shop_id: ShopId
    shop_name: str
    order_id: OrderId | None  # None for the shop when the writer is anonymous
    line: int | None
    dispatch_stars: int | None
    service_stars: int | None
    hidden_at: datetime | None
    hidden_why: str | None
    hidden_note: str
    is_held: bool
    held_words: Sequence[str]
    reports: Sequence[Mapping[str, str]]
    may_edit: bool
    may_follow_up: bool
    may_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An order line that may be reviewed."""

    order_id: OrderId
    line: int
    product_id: ProductId
    name: str
    spec: str
    image: str | None
    shop_name: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductHead:
    id: ProductId
    name: str
    image: str | None
    price_from_minor: int
    price_to_minor: int
    is_listed: bool
    shop_id: ShopId
