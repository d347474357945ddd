"""The words of this flow: a product with its stock as typed, and rows of the price table."""

from collections.abc import Sequence
from dataclasses import dataclass

from jishi.kit.errors import Refusal
from jishi.kit.ids import SkuId
from jishi.modules.catalogue import Attribute, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuDraft:
    """One row of the SKU table. ``on_hand`` None: not typed; ``seen``: what stood there before."""

    options: tuple[str, ...] = ()
    price_minor: int = 0
    list_price_minor: int | None = None
    on_hand: int | None = None
    seen: int | None = None
    code: str = ""
    weight_grams: int = 0
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product as a merchant typed it."""

    title: str
    skus: Sequence[SkuDraft]
    category_id: int
    title_en: str = ""
    brand: str = ""
    description: str = ""
    attributes: Sequence[Attribute] = ()
    pictures: Sequence[Picture] = ()
    condition: str | None = None  # None: not said


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One row of the price and stock table; None leaves a figure as it is."""

    sku_id: SkuId
    price_minor: int | None = None
    list_price_minor: int | None = None  # only looked at together with the price
    on_hand: int | None = None
    seen: int | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The row took effect."""


@dataclass(frozen=True, slots=True)
class RowRefused:
    """Nothing of the row took effect; every reason, never empty."""

    problems: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class RowWaiting:
    """The price waits for people; the rest of the row took effect."""


RowVerdict = Applied | RowRefused | RowWaiting
