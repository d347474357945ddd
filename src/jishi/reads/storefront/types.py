"""What the storefront shows, and what may be asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.kit.text import mark as _

COUNTED_MAX: Final = 1000  # more than this is shown as "1,000+"

# sorts by the name they have in an address
SORTS: Final[Mapping[str, str]] = {
    "relevance": _("Best match"),
    "sold": _("Most sold"),
    "newest": _("Newest"),
    "price": _("Price up"),
    "price_down": _("Price down"),
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
    price_from_minor: int | None = None
    price_to_minor: int | None = None
    in_stock: bool = False

    @property
    def is_narrow(self) -> bool:
        prices = (self.price_from_minor, self.price_to_minor)
        return self.in_stock or any(value is not None for value in prices)
