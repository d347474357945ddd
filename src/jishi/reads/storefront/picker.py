"""A product's SKUs as the picker on its page takes them, and as programs read them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from jishi.reads.storefront.queries import image_url
from jishi.reads.storefront.types import Product, Sku

Words = Callable[..., str]
Option = tuple[str, str, str, str]  # value, label, note, '' | 'on' | 'out'
QUANTITY_MAX: Final = 9_999
FEW: Final = 10  # so few left is worth saying


def dims(
    product: Product, chosen: Sku | None, *, words: Words, money: Words
) -> list[tuple[str, str, list[Option]]]:
    """What macro ``sku_dims`` draws: (field, heading, options) per attribute.

    A value of which no combination can be had is out; the price stands by when one choice decides.
    """
    drawn: list[tuple[str, str, list[Option]]] = []
    for at, attribute in enumerate(product.attributes):
        options = [
            _option(product, at, str(value), chosen, words=words, money=money)
            for value in attribute["values"]
        ]
        drawn.append((f"d{at}", str(attribute["name"]), options))
    return drawn


def _option(
    product: Product, at: int, value: str, chosen: Sku | None, *, words: Words, money: Words
) -> Option:
    having = [sku for sku in product.skus if len(sku.options) > at and sku.options[at] == value]
    is_out = not any(sku.left_over > 0 for sku in having)
    note = ""
    if is_out:
        note = words("Sold out")
    elif len(product.attributes) == 1 and product.price_from_minor != product.price_to_minor:
        note = money(having[0].price_minor)
    is_on = chosen is not None and chosen.left_over > 0 and chosen.options[at] == value
    return value, value, note, "out" if is_out else "on" if is_on else ""


def sku_rows(product: Product, *, words: Words, money: Words) -> list[dict[str, Any]]:
    """What the script of the picker reads, one row per SKU."""
    return [
        {
            "id": str(sku.id),
            "values": list(sku.options),
            "price": money(sku.price_minor),
            "was": money(sku.list_price_minor) if sku.list_price_minor else "",
            "note": stock_note(sku, words=words),
            "stock": sku.left_over,
            "max": min(sku.left_over, QUANTITY_MAX),
        }
        for sku in product.skus
    ]


def stock_note(sku: Sku, *, words: Words) -> str:
    if sku.left_over <= 0:
        return words("Sold out")
    if sku.left_over <= FEW:
        return words("Only {count} left", count=sku.left_over)
    return words("{count} in stock", count=f"{sku.left_over:,}")


def product_json(product: Product) -> dict[str, Any]:
    """A product as programs read it. Ids are text; amounts minor units."""
    shop = product.shop
    return {
        "id": str(product.id),
        "name": product.name,
        "description": product.description,
        "brand": product.brand,
        "is_listed": product.is_listed,
        "picture_urls": [image_url(src) for src in product.images],
        "price_from_minor": product.price_from_minor,
        "price_to_minor": product.price_to_minor,
        "sold_count": product.sold_count,
        "categories": [{"id": link.id, "name": link.name} for link in product.categories],
        "attributes": [_attribute(it) for it in product.attributes],
        "skus": [_sku(sku) for sku in product.skus],
        "shop": {
            "id": str(shop.id),
            "name": shop.name,
            "is_on_holiday": shop.is_on_holiday,
            "freight_minor": shop.freight_minor,
            "free_freight_from_minor": shop.free_freight_from_minor,
            "ship_within_hours": shop.ship_within_hours,
        },
    }


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    values: Sequence[str] = attribute["values"]
    return {"name": attribute["name"], "values": list(values)}


def _sku(sku: Sku) -> dict[str, Any]:
    return {
        "id": str(sku.id),
        "options": list(sku.options),
        "price_minor": sku.price_minor,
        "list_price_minor": sku.list_price_minor,
        "is_for_sale": sku.on_sale,
        "stock": sku.left_over,
    }
