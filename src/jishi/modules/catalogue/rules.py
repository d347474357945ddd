"""What makes a product one that can be kept, and one that can be sold. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product as combine
from math import prod

from jishi.kit.errors import Refusal
from jishi.kit.pictures import is_picture
from jishi.kit.text import clean, clean_lines
from jishi.modules.catalogue.types import (
    ATTRIBUTE_NAME_MAX,
    ATTRIBUTES_MAX,
    BRAND_MAX,
    CODE_MAX,
    DESCRIPTION_MAX,
    PICTURES_MAX,
    PRICE_MAX_MINOR,
    SKUS_MAX,
    TITLE_MAX,
    VALUE_MAX,
    VALUES_MAX,
    WEIGHT_MAX_GRAMS,
    Attribute,
    AttributeNameMissing,
    AttributeNameTwice,
    Category,
    CategoryMissing,
    CategoryNotLeaf,
    CategoryUnknown,
    CodeInvalid,
    CodeTwice,
    ListPriceInvalid,
    NewProduct,
    NewSku,
    NothingToSell,
    OptionsTwice,
    OptionsUnfit,
    Picture,
    PictureInvalid,
    PictureMissing,
    PriceInvalid,
    ProductState,
    SkusMissing,
    TextTooLong,
    TitleMissing,
    TooManyAttributes,
    TooManyPictures,
    TooManySkus,
    TooManyValues,
    ValuesMissing,
    ValueTwice,
    WeightInvalid,
)


def cleaned(product: NewProduct) -> NewProduct:
    """Every text as the person meant it; nothing is cut."""
    return replace(
        product,
        title=clean(product.title),
        title_en=clean(product.title_en),
        brand=clean(product.brand),
        description=clean_lines(product.description),
        attributes=tuple(
            Attribute(name=clean(it.name), values=tuple(map(clean, it.values)))
            for it in product.attributes
        ),
        skus=tuple(
            replace(sku, code=clean(sku.code), options=tuple(map(clean, sku.options)))
            for sku in product.skus
        ),
    )


def problems_of(product: NewProduct, category: Category | None) -> list[Refusal]:
    """Everything that keeps a cleaned product from being written, field by field; often empty.

    Fields: title, title_en, brand, description, category_id, pictures, attributes[i].name,
    attributes[i].values, skus, skus[i].price and so on with the place in the product's list.
    """
    return [
        *_word_problems(product),
        *_category_problems(product, category),
        *_picture_problems(product.pictures),
        *attribute_problems(product.attributes),
        *_sku_problems(product),
    ]


def listing_problems(
    product: NewProduct, category: Category | None, *, any_level: bool = False
) -> list[Refusal]:
    """What a product that may be kept still lacks to be listed: picture, SKU on sale, leaf category.

    ``any_level``: a category that is not a leaf will do, for goods that come from elsewhere.
    """
    return lacking(
        pictures=len(product.pictures),
        is_sellable=not product.skus or any(sku.enabled for sku in product.skus),
        category=category,
        any_level=any_level,
    )


def lacking(
    *, pictures: int, is_sellable: bool, category: Category | None, any_level: bool = False
) -> list[Refusal]:
    """As ``listing_problems``, from the facts alone. An unknown category is told elsewhere."""
    found: list[Refusal] = []
    if not pictures:
        found.append(PictureMissing(field="pictures"))
    if not is_sellable:
        found.append(NothingToSell(field="skus"))
    if category is not None and not category.is_leaf and not any_level:
        found.append(CategoryNotLeaf(field="category_id"))
    return found


def combinations(attributes: Sequence[Attribute]) -> list[tuple[str, ...]]:
    """Every combination of values, the last attribute turning fastest; one empty without any."""
    return list(combine(*(it.values for it in attributes)))


def attribute_problems(attributes: Sequence[Attribute]) -> list[Refusal]:
    """What keeps cleaned attributes from making a table of at most 500 combinations."""
    found: list[Refusal] = []
    if len(attributes) > ATTRIBUTES_MAX:
        found.append(TooManyAttributes(field="attributes", limit=ATTRIBUTES_MAX))
    names = Counter(it.name.casefold() for it in attributes)
    for at, attribute in enumerate(attributes):
        field = f"attributes[{at}]"
        if not attribute.name:
            found.append(AttributeNameMissing(field=f"{field}.name"))
        elif names[attribute.name.casefold()] > 1:
            found.append(AttributeNameTwice(field=f"{field}.name"))
        found += _too_long(f"{field}.name", attribute.name, ATTRIBUTE_NAME_MAX)
        found += _value_problems(f"{field}.values", attribute.values)
    count = prod(len(it.values) for it in attributes)
    if count > SKUS_MAX:
        found.append(TooManySkus(field="attributes", count=count, limit=SKUS_MAX))
    return found


def carried(
    attributes: Sequence[Attribute], before: Mapping[tuple[str, ...], int]
) -> list[int | None]:
    """For each combination the earlier row its figures come from; None for a wholly new one.

    ``before`` maps the options of earlier rows to their places. The same combination keeps its row;
    one that gained or lost an attribute takes the first earlier row with values of its own.
    """
    found: list[int | None] = []
    for options in combinations(attributes):
        exact = before.get(options)
        if exact is None:
            exact = next((at for kept, at in before.items() if _related(kept, options)), None)
        found.append(exact)
    return found


def _related(kept: tuple[str, ...], options: tuple[str, ...]) -> bool:
    if len(kept) == len(options):
        return False
    short, long = sorted((kept, options), key=len)
    return set(short) <= set(long)


def price_span(skus: Iterable[tuple[int, bool]]) -> tuple[int, int]:
    """The lowest and highest price of the SKUs that are switched on; of all when none is."""
    pairs = list(skus)
    prices = [price for price, enabled in pairs if enabled] or [price for price, _ in pairs]
    return (min(prices), max(prices)) if prices else (0, 0)


def price_problems(
    price_minor: int | None, list_price_minor: int | None, *, at: str = ""
) -> list[Refusal]:
    """``at`` prefixes the fields price_minor and list_price_minor, such as ``skus[3].``."""
    found: list[Refusal] = []
    if price_minor is None or not 1 <= price_minor <= PRICE_MAX_MINOR:
        found.append(PriceInvalid(field=f"{at}price_minor", **PRICE_RANGE))
    if list_price_minor is not None:
        is_higher = price_minor is None or list_price_minor > price_minor
        if not is_higher or list_price_minor > PRICE_MAX_MINOR:
            found.append(ListPriceInvalid(field=f"{at}list_price_minor"))
    return found


PRICE_RANGE = {"least": "0.01", "limit": "10,000,000.00"}


def _word_problems(product: NewProduct) -> list[Refusal]:
    found: list[Refusal] = []
    if not product.title:
        found.append(TitleMissing(field="title"))
    limits = {"title": TITLE_MAX, "title_en": TITLE_MAX, "brand": BRAND_MAX}
    for name, limit in {**limits, "description": DESCRIPTION_MAX}.items():
        found += _too_long(name, getattr(product, name), limit)
    return found


def _too_long(field: str, text: str, limit: int) -> list[Refusal]:
    return [TextTooLong(field=field, limit=limit, length=len(text))] if len(text) > limit else []


def _category_problems(product: NewProduct, category: Category | None) -> list[Refusal]:
    if product.category_id == 0:
        return [CategoryMissing(field="category_id")]
    if category is None or category.is_retired:
        return [CategoryUnknown(field="category_id")]
    return []


def _picture_problems(pictures: Sequence[Picture]) -> list[Refusal]:
    if len(pictures) > PICTURES_MAX:
        return [TooManyPictures(field="pictures", limit=PICTURES_MAX)]
    return [] if all(map(is_picture, pictures)) else [PictureInvalid(field="pictures")]


def _value_problems(field: str, values: Sequence[str]) -> list[Refusal]:
    if not any(values):
        return [ValuesMissing(field=field)]
    if len(values) > VALUES_MAX:
        return [TooManyValues(field=field, limit=VALUES_MAX, count=len(values))]
    times = Counter(values)
    found: list[Refusal] = [
        ValueTwice(field=field, value=value) for value in times if times[value] > 1
    ]
    longest = max(values, key=len)
    return found + _too_long(field, longest, VALUE_MAX)


def _sku_problems(product: NewProduct) -> list[Refusal]:
    skus = product.skus
    if not skus:
        return [SkusMissing(field="skus")]
    if len(skus) > SKUS_MAX:
        return [TooManySkus(field="skus", count=len(skus), limit=SKUS_MAX)]
    found = _option_problems(product)
    for at, sku in enumerate(skus):
        found += _one_sku_problems(sku, f"skus[{at}].")
    codes = Counter(sku.code for sku in skus if sku.code)
    for at, sku in enumerate(skus):
        if codes[sku.code] > 1:
            found.append(CodeTwice(field=f"skus[{at}].code", code=sku.code))
    return found


def _option_problems(product: NewProduct) -> list[Refusal]:
    allowed = [frozenset(it.values) for it in product.attributes]
    for sku in product.skus:
        fits = len(sku.options) == len(allowed) and all(
            value in values for value, values in zip(sku.options, allowed, strict=True)
        )
        if not fits:
            return [OptionsUnfit(field="skus")]
    times = Counter(tuple(sku.options) for sku in product.skus)
    twice = next((options for options, count in times.items() if count > 1), None)
    if twice is not None:
        return [OptionsTwice(field="skus", options=" · ".join(twice))]
    return []


def _one_sku_problems(sku: NewSku, at: str) -> list[Refusal]:
    found = price_problems(sku.price_minor, sku.list_price_minor, at=at)
    if len(sku.code) > CODE_MAX:
        found.append(CodeInvalid(field=f"{at}code", limit=CODE_MAX))
    if not 0 <= sku.weight_grams <= WEIGHT_MAX_GRAMS:
        found.append(WeightInvalid(field=f"{at}weight_grams", limit=WEIGHT_MAX_GRAMS))
    return found


def is_sellable(state: ProductState, sku: NewSku) -> bool:
    """Whether a SKU may be bought: its product is listed and it is switched on itself."""
    return state is ProductState.LISTED and sku.enabled
