"""The product form: texts as typed, so that nothing is lost, and what they mean."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from jishi.flows.list_products.types import ProductDraft, SkuDraft
from jishi.kit.ids import SkuId
from jishi.kit.money import format_plain
from jishi.kit.pictures import picture_src, picture_value, read_picture
from jishi.kit.text import clean
from jishi.kit.typed import read_minor, read_whole
from jishi.modules import catalogue
from jishi.modules.catalogue import Attribute, Product

BETWEEN_VALUES = re.compile(r"[,，、;；\n]")
ATTRIBUTES = 3


class ProductForm(msgspec.Struct, kw_only=True):
    """Fields of the form by their names; the SKU lists run in step, one element per row."""

    do: str = "save"
    version: int = 0
    title: str = ""
    title_en: str = ""
    brand: str = ""
    description: str = ""
    category: list[str] = msgspec.field(default_factory=list)
    category_word: str = ""
    attr_name: list[str] = msgspec.field(default_factory=list)
    attr_values: list[str] = msgspec.field(default_factory=list)
    picture: list[str] = msgspec.field(default_factory=list)
    sku_options: list[str] = msgspec.field(default_factory=list)  # JSON array of values
    sku_price: list[str] = msgspec.field(default_factory=list)
    sku_list_price: list[str] = msgspec.field(default_factory=list)
    sku_on_hand: list[str] = msgspec.field(default_factory=list)
    sku_seen: list[str] = msgspec.field(default_factory=list)
    sku_code: list[str] = msgspec.field(default_factory=list)
    sku_weight: list[str] = msgspec.field(default_factory=list)
    sku_on: list[str] = msgspec.field(default_factory=list)  # places of rows switched on
    fill_price: str = ""
    fill_on_hand: str = ""
    condition: str = ""


@dataclass(slots=True)
class Row:
    """One row of the SKU table as typed."""

    options: tuple[str, ...] = ()
    price: str = ""
    list_price: str = ""
    on_hand: str = ""
    seen: str = ""
    code: str = ""
    weight: str = ""
    on: bool = True

    @property
    def options_json(self) -> str:
        return json.dumps(self.options, ensure_ascii=False)


@dataclass(slots=True)
class Sheet:
    """The whole form as typed. Everything a button of the form does, it does to this."""

    title: str = ""
    title_en: str = ""
    brand: str = ""
    description: str = ""
    category_id: int = 0
    category_word: str = ""
    version: int = 0
    attributes: list[tuple[str, str]] = field(default_factory=list)  # name, values as typed
    pictures: list[dict[str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=lambda: [Row()])
    fill_price: str = ""
    fill_on_hand: str = ""
    condition: str = ""

    @property
    def shown_attributes(self) -> list[tuple[str, str]]:
        """As many as may be, so that the form has room for one more."""
        return [*self.attributes, ("", "")][:ATTRIBUTES]

    def picture_srcs(self) -> list[tuple[str, str | None]]:
        return [(picture_value(it), picture_src(it, 160)) for it in self.pictures]


def sheet_of_form(form: ProductForm, category_id: int) -> Sheet:
    """What was posted. Rows that came incomplete read as empty."""
    named = zip(form.attr_name, _padded(form.attr_values, len(form.attr_name)), strict=True)
    pictures = [read_picture(value) for value in form.picture]
    return Sheet(
        title=form.title,
        title_en=form.title_en,
        brand=form.brand,
        description=form.description,
        category_id=category_id,
        category_word=form.category_word,
        version=form.version,
        attributes=[(name, values) for name, values in named if name.strip() or values.strip()],
        pictures=[it for it in pictures if it is not None],
        rows=_rows(form) or [Row()],
        fill_price=form.fill_price,
        fill_on_hand=form.fill_on_hand,
        condition=form.condition,
    )


def _rows(form: ProductForm) -> list[Row]:
    count = len(form.sku_options)
    price, list_price, on_hand, seen, code, weight = (
        _padded(column, count)
        for column in (
            form.sku_price,
            form.sku_list_price,
            form.sku_on_hand,
            form.sku_seen,
            form.sku_code,
            form.sku_weight,
        )
    )
    on = set(form.sku_on)
    return [
        Row(
            options=_options(form.sku_options[at]),
            price=price[at],
            list_price=list_price[at],
            on_hand=on_hand[at],
            seen=seen[at],
            code=code[at],
            weight=weight[at],
            on=str(at) in on,
        )
        for at in range(count)
    ]


def sheet_of_product(product: Product, on_hand: Mapping[SkuId, int], *, currency: str) -> Sheet:
    """A product as it stands; ``on_hand`` by SKU id, of the default warehouse."""
    return Sheet(
        title=product.title,
        title_en=product.title_en,
        brand=product.brand,
        description=product.description,
        category_id=product.category_id,
        version=product.version,
        attributes=[(it.name, ", ".join(it.values)) for it in product.attributes],
        pictures=[dict(it) for it in product.pictures],
        rows=[_row_of(sku, on_hand.get(sku.id, 0), currency) for sku in product.skus],
        condition=product.condition or "",
    )


def _row_of(sku: catalogue.Sku, on_hand: int, currency: str) -> Row:
    earlier = sku.list_price_minor
    return Row(
        options=tuple(sku.options),
        price=format_plain(sku.price_minor, currency),
        list_price="" if earlier is None else format_plain(earlier, currency),
        on_hand=str(on_hand),
        seen=str(on_hand),
        code=sku.code,
        weight=str(sku.weight_grams) if sku.weight_grams else "",
        on=sku.enabled,
    )


def draft_of(sheet: Sheet, *, currency: str) -> ProductDraft:
    """What the sheet means; what is no number becomes one that every rule refuses."""
    return ProductDraft(
        title=sheet.title,
        title_en=sheet.title_en,
        brand=sheet.brand,
        description=sheet.description,
        category_id=sheet.category_id,
        attributes=attributes_of(sheet),
        pictures=sheet.pictures,
        skus=[_draft_of_row(row, currency) for row in sheet.rows],
        condition=sheet.condition or None,
    )


def _draft_of_row(row: Row, currency: str) -> SkuDraft:
    earlier = row.list_price.strip()
    return SkuDraft(
        options=row.options,
        price_minor=read_minor(row.price, currency),
        list_price_minor=read_minor(earlier, currency) if earlier else None,
        on_hand=read_whole(row.on_hand) if row.on_hand.strip() else None,
        seen=read_whole(row.seen) if row.seen.strip() else None,
        code=row.code,
        weight_grams=read_whole(row.weight) if row.weight.strip() else 0,
        enabled=row.on,
    )


def attributes_of(sheet: Sheet) -> list[Attribute]:
    return [
        Attribute(name=clean(name), values=values_of(values)) for name, values in sheet.attributes
    ]


def values_of(text: str) -> list[str]:
    """Values as typed, with commas of either width, semicolons or new lines between."""
    parts = (clean(part) for part in BETWEEN_VALUES.split(text))
    return [part for part in parts if part]


def built(sheet: Sheet) -> list[Row]:
    """A row per combination, figures carried over from the rows there were; counts only once."""
    before = {row.options: at for at, row in enumerate(sheet.rows)}
    attributes = attributes_of(sheet)
    used: set[int] = set()
    rows: list[Row] = []
    for options, at in zip(
        catalogue.combinations(attributes), catalogue.carried(attributes, before), strict=True
    ):
        row = Row(options) if at is None else _carried(sheet.rows[at], options, at in used)
        used |= set() if at is None else {at}
        rows.append(row)
    return rows


def _carried(row: Row, options: tuple[str, ...], is_used: bool) -> Row:  # noqa: FBT001
    if row.options == options:
        return row
    on_hand, code = ("", "") if is_used else (row.on_hand, row.code)
    return Row(options, row.price, row.list_price, on_hand, "", code, row.weight, row.on)


def filled(sheet: Sheet) -> list[Row]:
    """Every row with the price and count typed once for all."""
    for row in sheet.rows:
        row.price = sheet.fill_price.strip() or row.price
        row.on_hand = sheet.fill_on_hand.strip() or row.on_hand
    return sheet.rows


def moved_picture(pictures: list[dict[str, str]], order: str) -> list[dict[str, str]]:
    """``left:2``, ``right:0``, ``cover:3`` or ``delete:1``; anything else changes nothing."""
    verb, _, place = order.partition(":")
    at = read_whole(place)
    if not 0 <= at < len(pictures):
        return pictures
    rest = pictures[:at] + pictures[at + 1 :]
    to = {"left": max(at - 1, 0), "right": at + 1, "cover": 0}.get(verb)
    if verb == "delete":
        return rest
    return pictures if to is None else [*rest[:to], pictures[at], *rest[to:]]


def _options(text: str) -> tuple[str, ...]:
    try:
        return tuple(msgspec.json.decode(text, type=list[str]))
    except msgspec.DecodeError:
        return ("",)


def _padded(column: Sequence[str], count: int) -> list[str]:
    return [*column[:count], *([""] * (count - len(column)))]
