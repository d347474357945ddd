"""What the storefront shows, and what may be asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.kit.text import mark as _
from jishi.modules.search.types import Narrowing

COUNTED_MAX: Final = 1000  # goods of a shop: more than this is shown as "1,000+"

# sorts by the name they have in an address
SORTS: Final[Mapping[str, str]] = {
    "relevance": _("Best match"),
    "sold": _("Most sold"),
    "newest": _("Newest"),
    "price": _("Price up"),
    "price_down": _("Price down"),
    "near": _("Nearest"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A product among others. ``name``s are in the reader's language where the shop gave one."""

    id: ProductId
    name: str
    image: str | None  # as macro ``pic`` takes it
    price_minor: int
    is_from: bool  # its SKUs have several prices; this is the lowest
    was_minor: int | None
    sold_count: int
    category_id: int
    shop_id: ShopId
    shop_name: str
    is_on_holiday: bool
    ship_within_hours: int
    is_freight_free: bool
    is_in_stock: bool
    rating_tenths: int | None = None  # of verified purchases; None while there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLink:
    id: int
    name: str
    image: str | None = None
    listed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryGroup:
    """A root category and what lies right below it; only what leads to listed goods."""

    id: int
    name: str
    below: Sequence[CategoryLink]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPage:
    above: Sequence[CategoryLink]  # from the root to itself
    below: Sequence[CategoryLink]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    id: SkuId
    options: Sequence[str]
    price_minor: int
    list_price_minor: int | None
    on_sale: bool
    left_over: int  # the most any one warehouse can send at once


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopCard:
    id: ShopId
    name: str
    about: str
    image: str | None
    is_on_holiday: bool
    holiday_note: str
    freight_minor: int
    free_freight_from_minor: int | None
    ship_within_hours: int
    opened_at: datetime
    listed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product on its own page; ``is_listed`` is false once its shop has taken it off."""

    id: ProductId
    name: str
    other_name: str  # the title in the other language, when there is one
    description: str
    brand: str
    condition: str  # of used goods, a message id; empty: not said
    attributes: Sequence[Mapping[str, Any]]  # {"name": …, "values": […]}
    images: Sequence[str]
    price_from_minor: int
    price_to_minor: int
    sold_count: int
    is_listed: bool
    shop: ShopCard
    categories: Sequence[CategoryLink]
    skus: Sequence[Sku] = field(default_factory=list)

    @property
    def is_for_sale(self) -> bool:
        return self.is_listed and not self.shop.is_on_holiday and any(s.on_sale for s in self.skus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed by. Prices in minor units, both ends included."""

    sort: str = "relevance"
    category_id: int | None = None
    category_level: int = 0  # of that category in the tree; 0 without one
    leaves: tuple[int, ...] = ()  # that lead to goods below it, where they are few enough to merge
    price_from_minor: int | None = None
    price_to_minor: int | None = None
    in_stock: bool = False
    free_freight: bool = False
    on_offer: bool = False
    rating: int | None = None  # 3 or 4 stars at least
    brands: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()  # (attribute, value)
    city: int | None = None  # from where nearness counts; four digits

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the category keeps goods out."""
        chosen = (self.in_stock, self.free_freight, self.on_offer, self.brands, self.values)
        known = (self.price_from_minor, self.price_to_minor, self.rating)
        return any(chosen) or any(value is not None for value in known)

    @property
    def is_asking(self) -> bool:
        """Whether a list without words can be made of it: stock alone would be everything."""
        chosen = (self.category_id, self.free_freight, self.on_offer, self.brands, self.values)
        known = (self.price_from_minor, self.price_to_minor, self.rating)
        return any(chosen) or any(value is not None for value in known)

    @property
    def narrowing(self) -> Narrowing:
        return Narrowing(
            category_id=self.category_id,
            low_minor=self.price_from_minor,
            high_minor=self.price_to_minor,
            in_stock=self.in_stock,
            free_freight=self.free_freight,
            on_offer=self.on_offer,
            rating=self.rating,
            brands=self.brands,
            values=self.values,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. ``total`` is None where nobody counted; ``is_more``: at least so many."""

    items: Sequence[Card]
    next_cursor: str | None
    total: int | None
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice as it is drawn: where it leads, what it says, how many it leaves."""

    href: str
    text: str
    found: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A value a list can be narrowed to; ``key`` is what the address says."""

    key: str
    name: str
    found: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    values: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Span:
    """Prices from and to, both included; None: no end."""

    from_minor: int
    to_minor: int | None
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """Counts over the best matches; ``is_more``: there are more than were counted."""

    total: int
    is_more: bool
    categories: Sequence[Choice] = ()
    spans: Sequence[Span] = ()
    brands: Sequence[Choice] = ()
    attributes: Sequence[Facet] = ()
    in_stock: int = 0
    free_freight: int = 0
    on_offer: int = 0
    rated_3: int = 0
    rated_4: int = 0
