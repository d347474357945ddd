"""The words of this module: products, SKUs, drafts, states, events, verdicts, refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import ProductId, ShopId, SkuId

TITLE_MAX: Final = 200
BRAND_MAX: Final = 60
DESCRIPTION_MAX: Final = 20_000
ATTRIBUTES_MAX: Final = 3
ATTRIBUTE_NAME_MAX: Final = 40
VALUE_MAX: Final = 60
VALUES_MAX: Final = 100  # of one attribute
SKUS_MAX: Final = 500
PICTURES_MAX: Final = 12
CODE_MAX: Final = 64
PRICE_MAX_MINOR: Final = 1_000_000_000
WEIGHT_MAX_GRAMS: Final = 10_000_000
BULK_MAX: Final = 500  # rows of one bulk command from outside

# {"media_id": "…"} or {"art": "<name in static/art.txt>", "tint": "a" … "f"}
Picture = Mapping[str, str]


class ProductState(StrEnum):
    DRAFT = "draft"
    IN_AUDIT = "in_audit"  # people look at it before it is on sale
    LISTED = "listed"
    DELISTED = "delisted"


MOVES: Final[Mapping[ProductState, frozenset[ProductState]]] = {
    ProductState.DRAFT: frozenset({ProductState.LISTED, ProductState.IN_AUDIT}),
    ProductState.IN_AUDIT: frozenset(
        {ProductState.LISTED, ProductState.DRAFT, ProductState.DELISTED}
    ),
    ProductState.LISTED: frozenset({ProductState.DELISTED}),
    ProductState.DELISTED: frozenset({ProductState.LISTED, ProductState.IN_AUDIT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One dimension of choice, such as Colour with red and blue."""

    name: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSku:
    """One combination as it shall be. ``options``: one value per attribute, in their order."""

    id: SkuId
    price_minor: int
    options: Sequence[str] = ()
    list_price_minor: int | None = None  # a real earlier price, struck through
    code: str = ""
    weight_grams: int = 0
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product as it shall be; the caller makes the ids, in the shop's cell."""

    id: ProductId
    shop_id: ShopId
    category_id: int
    title: str
    skus: Sequence[NewSku]
    title_en: str = ""
    description: str = ""  # plain text
    brand: str = ""
    attributes: Sequence[Attribute] = ()
    pictures: Sequence[Picture] = ()
    state: ProductState = ProductState.DRAFT
    external_id: str | None = None  # where it came from; once per shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    id: SkuId
    product_id: ProductId
    code: str
    options: list[str]
    price_minor: int
    list_price_minor: int | None
    weight_grams: int
    enabled: bool
    retired: bool
    on_sale: bool
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product with its SKUs by position, retired ones left out."""

    id: ProductId
    shop_id: ShopId
    category_id: int
    state: ProductState
    title: str
    title_en: str
    description: str
    brand: str
    attributes: list[Attribute]
    pictures: list[dict[str, Any]]
    price_from_minor: int
    price_to_minor: int
    sold_count: int
    external_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    listed_at: datetime | None
    skus: list[Sku]
    condition: str | None = None  # of used goods; None: new


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """``names``: its own and those above it, from the root down, in both languages."""

    id: int
    names_en: list[str]
    names_zh: list[str]
    is_leaf: bool
    is_retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    price_minor: int
    list_price_minor: int | None = None


@dataclass(slots=True, kw_only=True)
class SheetRow:
    """``wanted`` is what the row sets, ``seen`` what stood there when it was checked, ``before`` what it
    overwrote; keys are fields, values as in snapshots. ``problems``: {"column", "code", "facts"}."""

    row: int
    product_id: ProductId | None = None
    sku_id: SkuId | None = None
    state: str = "good"
    typed: Mapping[str, str] = field(default_factory=dict)
    wanted: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Added:
    """The product stands. ``held``: codes of rules that keep it from sale; it was written as a draft."""

    product_id: ProductId
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The shop has a product with this ``external_id`` already; nothing was written."""

    product_id: ProductId


@dataclass(frozen=True, slots=True)
class Refused:
    """The item did not take effect; every reason, never empty."""

    problems: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """The item took effect, or was so already."""


@dataclass(frozen=True, slots=True)
class InAudit:
    """People look at it first."""


AddVerdict = Added | Known | Refused
ChangeVerdict = Changed | Refused | InAudit


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductListed:
    topic: ClassVar[str] = "catalogue.listed"
    subject_id: int
    shop_id: ShopId
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDelisted:
    topic: ClassVar[str] = "catalogue.delisted"
    subject_id: int
    shop_id: ShopId
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged:
    """Words, pictures, SKUs or prices of a product changed."""

    topic: ClassVar[str] = "catalogue.changed"
    subject_id: int
    shop_id: ShopId
    occurred_at: datetime


class ProductNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "catalogue.product_not_found"
    text = "This product is not among the shop's goods."


class SkuNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "catalogue.sku_not_found"
    text = "This SKU is not among the shop's goods."


class ShopUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "catalogue.shop_unknown"
    text = "There is no such shop."


class ProductEdited(Refusal):
    kind, code = Kind.CONFLICT, "catalogue.product_edited"
    text = (
        "Someone else saved this product meanwhile. What you typed is still here; "
        "save again to put it over theirs."
    )


class TitleMissing(Refusal):
    code, text = "catalogue.title_missing", "Write a title."


class TextTooLong(Refusal):
    code, text = "catalogue.text_too_long", "At most {limit} characters; it has {length}."


class CategoryMissing(Refusal):
    code, text = "catalogue.category_missing", "Choose a category."


class CategoryUnknown(Refusal):
    code, text = "catalogue.category_unknown", "This category is not in the list any more."


class CategoryNotLeaf(Refusal):
    code, text = "catalogue.category_not_leaf", "Choose down to the last level of the categories."


class TooManyAttributes(Refusal):
    code, text = "catalogue.too_many_attributes", "A product has at most {limit} attributes."


class AttributeNameMissing(Refusal):
    code, text = "catalogue.attribute_name_missing", "Name this attribute, such as Colour."


class AttributeNameTwice(Refusal):
    code, text = "catalogue.attribute_name_twice", "Another attribute is called the same."


class ValuesMissing(Refusal):
    code, text = "catalogue.values_missing", "Write at least one value for this attribute."


class ValueTwice(Refusal):
    code, text = "catalogue.value_twice", "The value {value} stands there twice."


class TooManyValues(Refusal):
    code, text = "catalogue.too_many_values", "At most {limit} values; it has {count}."


class TooManySkus(Refusal):
    code = "catalogue.too_many_skus"
    text = "These values make {count} combinations. A product has at most {limit}."


class SkusMissing(Refusal):
    code, text = "catalogue.skus_missing", "Give the product at least one price."


class OptionsUnfit(Refusal):
    code = "catalogue.options_unfit"
    text = "A row does not fit the attributes. Build the table again."


class OptionsTwice(Refusal):
    code, text = "catalogue.options_twice", "Two rows are the same combination: {options}."


class PriceInvalid(Refusal):
    code, text = "catalogue.price_invalid", "Write a price from {least} to {limit}."


class ListPriceInvalid(Refusal):
    code = "catalogue.list_price_invalid"
    text = "The earlier price must be higher than the price, or empty."


class CodeInvalid(Refusal):
    code, text = "catalogue.code_invalid", "A code has at most {limit} characters."


class CodeTwice(Refusal):
    code, text = "catalogue.code_twice", "Two rows have the code {code}."


class WeightInvalid(Refusal):
    code, text = "catalogue.weight_invalid", "Write the weight in grams, at most {limit}."


class TooManyPictures(Refusal):
    code, text = "catalogue.too_many_pictures", "A product has at most {limit} pictures."


class PictureInvalid(Refusal):
    code, text = "catalogue.picture_invalid", "One of the pictures is not known. Add it again."


class PictureMissing(Refusal):
    code, text = "catalogue.picture_missing", "Add at least one picture to list the product."


class NothingToSell(Refusal):
    code, text = "catalogue.nothing_to_sell", "Switch at least one SKU on to list the product."


class TooManyRows(Refusal):
    kind, code = Kind.TOO_LARGE, "catalogue.too_many_rows"
    text = "At most {limit} rows at once; these are {count}."
