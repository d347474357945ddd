"""What the storefront reads. Every function takes an open connection and the reader's language."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ProductId, ShopId, parse_id
from jishi.kit.paging import PAGE_SIZE, CursorInvalid, Page, decode_cursor, page_of
from jishi.modules.catalogue import CONDITION_WORDS
from jishi.modules.media import picture_src
from jishi.modules.reviews.rules import rating_tenths
from jishi.reads.storefront.types import (
    Card,
    CategoryLink,
    Product,
    ShopCard,
    Sku,
)
from jishi.web.static_files import url_art

MATCHES_MAX: Final = 5000  # goods of a shop that are put in order
MOST_SOLD: Final = 10  # shown on the home page
SMALL_IMAGE: Final = 160
CARD_IMAGE: Final = 480
LARGE_IMAGE: Final = 960
FROM_SHOP: Final = 5  # further goods of the shop below a product

_CARDS: Final = load_sql(__package__, "cards")
_NEWEST: Final = load_sql(__package__, "find_newest")
_MOST_SOLD: Final = load_sql(__package__, "find_most_sold")
_IN_SHOP: Final = load_sql(__package__, "find_in_shop")
_PRODUCT: Final = load_sql(__package__, "product")
_SKUS: Final = load_sql(__package__, "skus")
_SHOP: Final = load_sql(__package__, "shop")


async def newest(tx: Tx, locale: str, cursor: str | None, *, size: int = PAGE_SIZE) -> Page[Card]:
    """The whole market, newest first. Raises CursorInvalid."""
    _, after = after_of(cursor)
    return await _page(tx, locale, await tx.fetch(_NEWEST, after, size + 1), size)


async def most_sold(tx: Tx, locale: str) -> list[Card]:
    """At most ten, what sold most first; empty while nothing has."""
    return await cards(tx, locale, [row["id"] for row in await tx.fetch(_MOST_SOLD, MOST_SOLD)])


async def in_shop(
    tx: Tx,
    locale: str,
    shop_id: ShopId,
    query: str | None,
    sort: str,
    cursor: str | None,
    *,
    size: int = PAGE_SIZE,
) -> Page[Card]:
    """A shop's goods, of which ``query`` (a tsquery) may keep some. Raises CursorInvalid."""
    key, after = after_of(cursor)
    found = await tx.fetch(_IN_SHOP, shop_id, query, sort, key, after, size + 1, MATCHES_MAX)
    return await _page(tx, locale, found, size)


async def more_of_shop(tx: Tx, locale: str, product: Product) -> list[Card]:
    """Further goods of a product's shop, what sold most first."""
    size = FROM_SHOP + 1
    found = await tx.fetch(_IN_SHOP, product.shop.id, None, "sold", None, None, size, MATCHES_MAX)
    others = [row["id"] for row in found if row["id"] != product.id]
    return await cards(tx, locale, others[:FROM_SHOP])


async def find_product(tx: Tx, locale: str, product_id: ProductId) -> Product | None:
    """None for a draft, for one of a closed shop, and when there is none."""
    row = await tx.fetchrow(_PRODUCT, product_id)
    if row is None:
        return None
    skus = [Sku(**sku) for sku in await tx.fetch(_SKUS, product_id)]
    name, other = _in_language(row, "title", locale)
    shop = _shop(row, locale, prefix="shop_", shop_id=row["shop_id"])
    at = 1 if locale == "zh-CN" else 2
    return Product(
        id=row["id"],
        name=name,
        other_name=other,
        description=row["description"],
        brand=row["brand"],
        condition=CONDITION_WORDS.get(row["condition"] or "", ""),
        attributes=row["attributes"],
        images=[src for it in row["pictures"] if (src := picture_src(it, LARGE_IMAGE))],
        price_from_minor=row["price_from_minor"],
        price_to_minor=row["price_to_minor"],
        sold_count=row["sold_count"],
        is_listed=row["state"] == "listed",
        shop=shop,
        categories=[CategoryLink(id=it[0], name=it[at]) for it in row["categories"] or []],
        skus=skus,
    )


async def find_shop(tx: Tx, locale: str, shop_id: ShopId) -> ShopCard | None:
    """None for a closed shop, and when there is none."""
    row = await tx.fetchrow(_SHOP, shop_id)
    if row is None:
        return None
    return replace(_shop(row, locale, prefix="", shop_id=row["id"]), listed=row["listed"])


async def cards(tx: Tx, locale: str, product_ids: Sequence[int]) -> list[Card]:
    """The cards of products, same order; those no longer listed are left out."""
    if not product_ids:
        return []
    return [_card(row, locale) for row in await tx.fetch(_CARDS, product_ids)]


def category_name(row: Row, locale: str) -> str:
    return str(row["name_zh" if locale == "zh-CN" else "name_en"])


async def _page(tx: Tx, locale: str, found: Sequence[Row], size: int) -> Page[Card]:
    ids = page_of(found, size, lambda row: (row["key"], str(row["id"])))
    shown = await cards(tx, locale, [row["id"] for row in ids.items])
    return Page(shown, ids.next_cursor)


def after_of(cursor: str | None) -> tuple[int | None, int | None]:
    """Key and id a page starts after; ids go as text, so that no reader rounds them."""
    parts = decode_cursor(cursor, int, str)
    return (parts[0], _id(parts[1])) if parts else (None, None)


def _id(text: str) -> int:
    found = parse_id(text)
    if found is None:
        raise CursorInvalid(field="after")
    return found


def _card(row: Row, locale: str) -> Card:
    return Card(
        id=row["id"],
        name=_in_language(row, "title", locale)[0],
        image=picture_src(row["picture"], CARD_IMAGE),
        price_minor=row["price_minor"],
        is_from=row["is_from"],
        was_minor=row["was_minor"],
        sold_count=row["sold_count"],
        category_id=row["category_id"],
        shop_id=row["shop_id"],
        shop_name=_in_language(row, "shop_name", locale)[0],
        is_on_holiday=row["shop_state"] in {"holiday", "suspended"},
        ship_within_hours=row["ship_within_hours"],
        is_freight_free=row["is_freight_free"],
        is_in_stock=row["is_in_stock"],
        rating_tenths=rating_tenths(row["bought_stars"] or 0, row["reviews"] or 0),
    )


def _shop(row: Row, locale: str, *, prefix: str, shop_id: int) -> ShopCard:
    return ShopCard(
        id=ShopId(shop_id),
        name=_in_language(row, f"{prefix}name", locale)[0],
        about=row[f"{prefix}about"],
        image=picture_src(row[f"{prefix}logo"], SMALL_IMAGE),
        is_on_holiday=row[f"{prefix}state"] in {"holiday", "suspended"},
        holiday_note=row["holiday_note"],
        freight_minor=row["freight_minor"],
        free_freight_from_minor=row["free_freight_from_minor"],
        ship_within_hours=row["ship_within_hours"],
        opened_at=row["opened_at"],
    )


def _in_language(row: Row, column: str, locale: str) -> tuple[str, str]:
    """The text for the reader, and the same in the other language when there is one."""
    own, english = str(row[column]), str(row[f"{column}_en"])
    if locale == "en" and english:
        return english, own if own != english else ""
    return own, english if english != own else ""


def as_json(card: Card) -> dict[str, Any]:
    """A product among others as programs read it. Ids are text; amounts minor units."""
    return {
        "id": str(card.id),
        "name": card.name,
        "picture_url": image_url(card.image),
        "price_from_minor": card.price_minor,
        "list_price_minor": card.was_minor,
        "sold_count": card.sold_count,
        "in_stock": card.is_in_stock,
        "rating_tenths": card.rating_tenths,
        "category_id": card.category_id,
        "shop": {"id": str(card.shop_id), "name": card.shop_name},
        "ship_within_hours": card.ship_within_hours,
        "free_freight": card.is_freight_free,
    }


def image_url(src: str | None) -> str | None:
    """The address of a picture on this site."""
    return url_art(src[4:]) if src and src.startswith("art:") else src
