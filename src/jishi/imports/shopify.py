"""Shopify's product CSV, both the old and the newer columns, read into whole products.

How it is read (source: the shapes of real exports):
- Rows of one Handle are one product. The first row names it; rows with a Variant Price are
  variants, rows without one add pictures only.
- "Default Title" is the option of a product without options.
- A product with any refused row is refused whole: a shirt without its size M is not that shirt.
- Inventory below zero (oversold) becomes 0, a price of 0 keeps the variant off sale, a compare-at
  price that is not above the price is dropped; each with a note in the report.
- Prices are taken as minor units of the market's currency, whatever currency they were kept in.
- Pictures are addresses elsewhere: listed, never fetched.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from jishi.imports.category_match import UNCATEGORISED, CategoryIndex
from jishi.imports.csv_files import Table
from jishi.imports.figures import minor_of, truth_of, whole_of
from jishi.imports.html_text import text_of
from jishi.imports.types import Reports, Row, Weight
from jishi.kit.text import clean
from jishi.modules.catalogue.types import (
    ATTRIBUTE_NAME_MAX,
    BRAND_MAX,
    CODE_MAX,
    DESCRIPTION_MAX,
    PRICE_MAX_MINOR,
    SKUS_MAX,
    TITLE_MAX,
    VALUE_MAX,
    WEIGHT_MAX_GRAMS,
)
from jishi.modules.stock.types import QUANTITY_MAX

NEEDED = ("Handle", "Title", "Option1 Value", "Variant Price")
PICTURES_KEPT = 50
DEFAULT_TITLE = "Default Title"
OPTIONS = (1, 2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    options: tuple[str, ...]  # one value per option of the product
    code: str
    price_minor: int  # 0: cannot be sold
    list_price_minor: int | None
    weight_grams: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    src: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    handle: str
    row: int  # where it stands first
    title: str
    description: str
    brand: str
    category_id: int
    tags: tuple[str, ...]
    option_names: tuple[str, ...]
    is_listed: bool
    variants: tuple[Variant, ...]
    pictures: tuple[Picture, ...]


@dataclass(slots=True)
class _Reading:
    """What is known of one product while its rows are read."""

    rows: list[Row]
    reports: Reports
    currency: str
    bad_rows: set[int] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    def refuse(self, row: Row, column: str, code: str, message: str) -> None:
        self.bad_rows.add(row.number)
        self.reports.add(row.remark(column, code, message))

    def note(self, row: Row, column: str, code: str, message: str) -> None:
        self.reports.add(row.remark(column, code, message, Weight.NOTE))


def parse(
    table: Table, categories: CategoryIndex, reports: Reports, *, currency: str
) -> list[Product]:
    """The whole products of a file, in the order of their first rows.

    Every refused row and every note goes to ``reports``; rows of a refused product that were
    themselves in order are reported as ``product.refused``.
    """
    broken = {it.value for it in reports.items if it.file == table.name and it.code[:4] == "row."}
    products = []
    for rows in _by_handle(table.rows, reports):
        reading = _Reading(rows, reports, currency)
        product = _product(reading, categories)
        if rows[0]["Handle"] in broken:
            _refuse_rest(reading, "Another row of this product could not be read.")
        elif reading.bad_rows or product is None:
            _refuse_rest(reading, "Another row of this product was refused.")
        else:
            products.append(product)
    return products


def _by_handle(rows: Iterable[Row], reports: Reports) -> Iterator[list[Row]]:
    """Rows of one handle together, in the order of their first rows."""
    found: dict[str, list[Row]] = {}
    for handle, run in groupby(rows, lambda row: row["Handle"]):
        if handle:
            found.setdefault(handle, []).extend(run)
            continue
        for row in run:
            reports.add(row.remark("Handle", "handle.missing", "The row names no product."))
    yield from found.values()


def _refuse_rest(reading: _Reading, message: str) -> None:
    for row in reading.rows:
        if row.number not in reading.bad_rows:
            reading.refuse(row, "Handle", "product.refused", message)


def _product(reading: _Reading, categories: CategoryIndex) -> Product | None:
    first = reading.rows[0]
    title = _title(reading, first)
    names = _option_names(reading, first)
    variants = _variants(reading, names)
    if title is None or not variants:
        return None
    return Product(
        handle=first["Handle"],
        row=first.number,
        title=title,
        description=_description(reading, first),
        brand=clean(first["Vendor"])[:BRAND_MAX],
        category_id=_category(reading, first, categories),
        tags=tuple(tag for tag in map(clean, first["Tags"].split(",")) if tag),
        option_names=names,
        is_listed=_is_listed(reading, first) and any(it.price_minor for it in variants),
        variants=variants,
        pictures=_pictures(reading),
    )


def _title(reading: _Reading, first: Row) -> str | None:
    title = clean(first["Title"])
    if not title:
        reading.refuse(first, "Title", "title.missing", "The first row of a product names it.")
        return None
    if len(title) > TITLE_MAX:
        text = f"The title was cut to {TITLE_MAX} characters."
        reading.note(first, "Title", "title.cut", text)
    return title[:TITLE_MAX]


def _description(reading: _Reading, first: Row) -> str:
    text = text_of(first["Body (HTML)"])
    if len(text) > DESCRIPTION_MAX:
        message = f"The description was cut to {DESCRIPTION_MAX} characters."
        reading.note(first, "Body (HTML)", "description.cut", message)
    return text[:DESCRIPTION_MAX]


def _category(reading: _Reading, first: Row, categories: CategoryIndex) -> int:
    """By the newer Product Category, Google's path, then the merchant's own Type."""
    path = first["Product Category"] or first["Google Shopping / Google Product Category"]
    found = categories.match(path, first["Type"])
    if found is None and (path or first["Type"]):
        text = "No category of this name is known here; the product is uncategorised."
        reading.note(first, "Type", "category.unknown", text)
    return found or categories.by_code[UNCATEGORISED]


def _is_listed(reading: _Reading, first: Row) -> bool:
    """Published, and not a draft or archived where the newer Status column says so."""
    if truth_of(first["Gift Card"]):
        text = "Gift cards are not goods here; the product is kept as a draft."
        reading.note(first, "Gift Card", "gift_card.draft", text)
        return False
    published = truth_of(first["Published"] or "false")
    if published is None:
        text = "Published is neither true nor false."
        reading.refuse(first, "Published", "published.invalid", text)
    status = first["Status"].lower() or "active"
    if status not in {"active", "draft", "archived"}:
        text = "Status is none of active, draft, archived."
        reading.refuse(first, "Status", "status.invalid", text)
    return bool(published) and status == "active"


def _option_names(reading: _Reading, first: Row) -> tuple[str, ...]:
    names: list[str] = []
    for number in OPTIONS:
        column = f"Option{number} Name"
        name = clean(first[column])
        if len(name) > ATTRIBUTE_NAME_MAX:
            text = f"At most {ATTRIBUTE_NAME_MAX} characters."
            reading.refuse(first, column, "option.too_long", text)
        elif name and name.casefold() in (other.casefold() for other in names):
            reading.refuse(first, column, "option.repeated", "Two options have the same name.")
        elif name and len(names) < number - 1:
            reading.refuse(first, column, "option.gap", "An option before this one has no name.")
        elif name:
            names.append(name)
    is_plain = len(names) == 1 and first["Option1 Value"] == DEFAULT_TITLE
    return () if is_plain else tuple(names)


def _variants(reading: _Reading, names: Sequence[str]) -> tuple[Variant, ...]:
    rows = [row for row in reading.rows if row["Variant Price"] or row["Variant SKU"]]
    if not rows:
        text = "No row of this product has a price."
        reading.refuse(reading.rows[0], "Variant Price", "price.missing", text)
    found: dict[tuple[str, ...], Variant] = {}
    for row in rows:
        variant = _variant(reading, row, names)
        if variant is None:
            continue
        if variant.options in found:
            text = "Another row of this product has the same options."
            reading.refuse(row, "Option1 Value", "variant.repeated", text)
        found.setdefault(variant.options, variant)
    if len(found) > SKUS_MAX:
        text = f"A product has at most {SKUS_MAX} variants; this one has {len(found)}."
        reading.refuse(reading.rows[0], "Handle", "variants.too_many", text)
    return tuple(found.values())


def _variant(reading: _Reading, row: Row, names: Sequence[str]) -> Variant | None:
    price = _price(reading, row)
    options = _options(reading, row, names)
    weight, quantity = _weight(reading, row), _quantity(reading, row)
    if price is None or options is None or weight is None or quantity is None:
        return None
    return Variant(
        options=options,
        code=_code(reading, row),
        price_minor=price,
        list_price_minor=_list_price(reading, row, price),
        weight_grams=weight,
        quantity=quantity,
    )


def _code(reading: _Reading, row: Row) -> str:
    """The merchant's own code; left out where it is too long or the product has it already."""
    code = clean(row["Variant SKU"]).lstrip("'")
    if len(code) > CODE_MAX:
        text = f"A code has at most {CODE_MAX} characters; it was left out."
        reading.note(row, "Variant SKU", "sku.too_long", text)
        return ""
    if code and code in reading.codes:
        text = "Another variant of this product has this code; it was left out."
        reading.note(row, "Variant SKU", "sku.repeated", text)
        return ""
    reading.codes.add(code)
    return code


def _price(reading: _Reading, row: Row) -> int | None:
    price = minor_of(row["Variant Price"], reading.currency)
    if price is None or price > PRICE_MAX_MINOR:
        text = "This is not a price such as 12.50."
        reading.refuse(row, "Variant Price", "price.invalid", text)
        return None
    if price == 0:
        text = "A price of 0 cannot be sold; the variant is kept off sale."
        reading.note(row, "Variant Price", "price.zero", text)
    return price


def _list_price(reading: _Reading, row: Row, price: int) -> int | None:
    column = "Variant Compare At Price"
    if not row[column]:
        return None
    found = minor_of(row[column], reading.currency)
    if found is None or found > PRICE_MAX_MINOR:
        reading.refuse(row, column, "compare_at.invalid", "This is not a price such as 12.50.")
        return None
    if found <= price:
        text = "The compare-at price is not above the price; it was left out."
        reading.note(row, column, "compare_at.not_above", text)
        return None
    return found


def _options(reading: _Reading, row: Row, names: Sequence[str]) -> tuple[str, ...] | None:
    values: list[str] = []
    for number, name in enumerate(names, start=1):
        column = f"Option{number} Value"
        value = clean(row[column])
        if not value or len(value) > VALUE_MAX:
            text = f"{name} is missing." if not value else f"At most {VALUE_MAX} characters."
            reading.refuse(row, column, "option.invalid", text)
            return None
        values.append(value)
    return tuple(values)


def _weight(reading: _Reading, row: Row) -> int | None:
    text = row["Variant Grams"] or "0"
    whole, _, _ = text.partition(".")  # newer exports write 453.59237
    grams = whole_of(whole)
    if grams is None or not 0 <= grams <= WEIGHT_MAX_GRAMS:
        message = "This is not a weight in grams."
        reading.refuse(row, "Variant Grams", "weight.invalid", message)
        return None
    return grams


def _quantity(reading: _Reading, row: Row) -> int | None:
    column = "Variant Inventory Qty"
    quantity = whole_of(row[column] or "0")
    if quantity is None or quantity > QUANTITY_MAX:
        reading.refuse(row, column, "inventory.invalid", "This is not a whole number of pieces.")
        return None
    if quantity < 0:
        text = "Stock below zero is oversold goods; it was taken as 0."
        reading.note(row, column, "inventory.negative", text)
    return max(quantity, 0)


def _pictures(reading: _Reading) -> tuple[Picture, ...]:
    """Addresses in the order of their positions, each once; bad ones are noted and left out."""
    found: dict[str, tuple[int, Picture]] = {}
    for row in reading.rows:
        src = row["Image Src"]
        if not src or src in found:
            continue
        if not src.startswith(("https://", "http://")) or " " in src or len(src) > 2000:  # noqa: PLR2004
            reading.note(row, "Image Src", "image.invalid", "This is not a web address; left out.")
            continue
        place = whole_of(row["Image Position"]) or len(found) + 1
        found[src] = (place, Picture(src=src, alt=clean(row["Image Alt Text"])[:200]))
    ordered = [picture for _, picture in sorted(found.values(), key=lambda it: it[0])]
    if len(ordered) > PICTURES_KEPT:
        text = f"Only the first {PICTURES_KEPT} pictures were kept."
        reading.note(reading.rows[0], "Image Src", "images.too_many", text)
    return tuple(ordered[:PICTURES_KEPT])
