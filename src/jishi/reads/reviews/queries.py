"""What pages about reviews read. Every function takes an open connection."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ID_MAX, AccountId, ProductId, ReviewId, ShopId, cell_of, parse_id
from jishi.kit.paging import PAGE_SIZE, CursorInvalid, Page, decode_cursor, id_below, page_of
from jishi.modules.media import picture_src
from jishi.modules.reviews import review_of, rules
from jishi.modules.reviews.types import REVIEW_WITHIN
from jishi.reads.reviews.types import (
    Asked,
    ProductHead,
    Reviewed,
    ShopSummary,
    Shown,
    SkuCount,
    Summary,
    Waiting,
)

SKUS_SHOWN: Final = 12
ORDERS_LOOKED_AT: Final = 30
FAR: Final = datetime(9999, 12, 31, tzinfo=UTC)
UNANSWERED_MAX: Final = 1000  # counted
SMALL, LARGE = 160, 960

_LISTS: Final[Mapping[str, str]] = {
    "best": load_sql(__package__, "list_best"),
    "newest": load_sql(__package__, "list_newest"),
}
_SHOWN: Final = load_sql(__package__, "shown")
_SUMMARY: Final = load_sql(__package__, "summary")
_SHOP_SUMMARY: Final = load_sql(__package__, "shop_summary")
_UNANSWERED: Final = """
SELECT count(*) FROM (SELECT FROM review r WHERE r.cell = $1 AND r.shop_id = $2 AND r.answer IS NULL
    AND r.hidden_at IS NULL AND r.order_id IS NOT NULL LIMIT $3) c
"""
_BY_SKU: Final = load_sql(__package__, "by_sku")
_PRODUCT: Final = load_sql(__package__, "product")
_WAITING: Final = load_sql(__package__, "waiting")
_MINE: Final = load_sql(__package__, "mine")
_OF_SHOP: Final = load_sql(__package__, "of_shop")
_OF_MARKET: Final = load_sql(__package__, "of_market")


async def list_reviews(
    tx: Tx,
    product_id: ProductId,
    asked: Asked,
    cursor: str | None,
    *,
    reader_id: AccountId | None = None,
    size: int = PAGE_SIZE,
) -> Page[Shown]:
    """A product's reviews in the order asked for. Raises CursorInvalid."""
    key, after = _after(cursor)
    cell = cell_of(product_id)
    found = await tx.fetch(
        _LISTS[asked.sort], cell, product_id, asked.filter, asked.sku_id, key, after, size + 1
    )
    page = page_of(found, size, lambda row: (row["key"], str(row["id"])))
    ids = [row["id"] for row in page.items]
    rows = await tx.fetch(_SHOWN, cell, ids, reader_id) if ids else []
    return Page([_shown(row, reader_id) for row in rows], page.next_cursor)


async def summary_of(tx: Tx, product_id: ProductId) -> Summary:
    row = await tx.fetchrow(_SUMMARY, cell_of(product_id), product_id)
    if row is None:
        return Summary()
    stars = (row["one"], row["two"], row["three"], row["four"], row["five"])
    names = ("pictured", "followed_up", "bought", "bought_stars", "imported", "imported_stars")
    return Summary(by_stars=stars, **{name: row[name] for name in names})


async def shop_summary_of(tx: Tx, shop_id: ShopId) -> ShopSummary:
    row = await tx.fetchrow(_SHOP_SUMMARY, cell_of(shop_id), shop_id)
    if row is None:
        return ShopSummary()
    return ShopSummary(
        bought=row["bought"],
        rating_tenths=rules.rating_tenths(row["bought_stars"], row["bought"]),
        dispatch_tenths=rules.rating_tenths(row["dispatch_stars"], row["dispatched"]),
        service_tenths=rules.rating_tenths(row["service_stars"], row["served"]),
    )


async def unanswered(tx: Tx, shop_id: ShopId) -> int:
    """How many reviews wait for the shop's answer, counted to 1,000."""
    return int(await tx.fetchval(_UNANSWERED, cell_of(shop_id), shop_id, UNANSWERED_MAX))


async def by_sku(tx: Tx, product_id: ProductId) -> list[SkuCount]:
    """SKUs with reviews, at most twelve; empty where all are of one."""
    rows = await tx.fetch(_BY_SKU, cell_of(product_id), product_id, SKUS_SHOWN)
    found = [
        SkuCount(sku_id=row["sku_id"], name=" · ".join(row["options"]), reviews=row["reviews"])
        for row in rows
    ]
    return [it for it in found if it.name] if len(found) > 1 else []


async def find_product(tx: Tx, locale: str, product_id: ProductId) -> ProductHead | None:
    """None for a draft, for one of a closed shop, and when there is none."""
    row = await tx.fetchrow(_PRODUCT, cell_of(product_id), product_id)
    if row is None:
        return None
    return ProductHead(
        id=row["id"],
        name=in_language(row, "title", locale),
        image=picture_src(row["picture"], SMALL),
        price_from_minor=row["price_from_minor"],
        price_to_minor=row["price_to_minor"],
        is_listed=row["is_listed"],
        shop_id=row["shop_id"],
    )


async def list_waiting(
    tx: Tx, locale: str, buyer_id: AccountId, cursor: str | None, *, now: datetime
) -> Page[Waiting]:
    """What a buyer may review, by order, the newest first: 30 orders a page. Raises CursorInvalid."""
    before, since = id_below(cursor), now - REVIEW_WITHIN
    rows = await tx.fetch(_WAITING, buyer_id, before, ORDERS_LOOKED_AT + 1, since)
    orders = list(dict.fromkeys(row["order_id"] for row in rows))
    page = page_of(orders, ORDERS_LOOKED_AT, lambda order_id: (order_id,))
    kept = set(page.items)
    items = [_waiting(row, locale) for row in rows if row["line"] and row["order_id"] in kept]
    return Page(items, page.next_cursor)


async def list_mine(
    tx: Tx, locale: str, writer_id: AccountId, cursor: str | None, *, now: datetime
) -> Page[Reviewed]:
    """One's own reviews, newest first. Raises CursorInvalid."""
    rows = await tx.fetch(_MINE, writer_id, id_below(cursor), PAGE_SIZE + 1)
    page = page_of(rows, PAGE_SIZE, lambda row: (row["id"],))
    items = [_reviewed(row, locale, writer_id, now=now) for row in page.items]
    return Page(items, page.next_cursor)


async def list_of_shop(
    tx: Tx, locale: str, shop_id: ShopId, view: str, cursor: str | None, *, now: datetime
) -> Page[Reviewed]:
    """A shop's reviews of a view, newest first. Raises CursorInvalid."""
    cell, before = cell_of(shop_id), id_below(cursor)
    rows = await tx.fetch(_OF_SHOP, cell, shop_id, view, before, PAGE_SIZE + 1)
    page = page_of(rows, PAGE_SIZE, lambda row: (row["id"],))
    items = [_reviewed(row, locale, None, now=now) for row in page.items]
    return Page(items, page.next_cursor)


async def list_of_market(
    tx: Tx, locale: str, view: str, cursor: str | None, *, now: datetime
) -> Page[Reviewed]:
    """Reported or held reviews, the oldest first, or hidden ones, newest first. Raises CursorInvalid."""
    parts = decode_cursor(cursor, datetime, str)
    start = ID_MAX if view == "hidden" else 0
    at, after = (parts[0], _id(parts[1])) if parts else (FAR, start)
    rows = await tx.fetch(_OF_MARKET, view, after, PAGE_SIZE + 1, at)
    page = page_of(rows, PAGE_SIZE, lambda row: (row["hidden_at"] or FAR, str(row["id"])))
    items = [_reviewed(row, locale, None, now=now) for row in page.items]
    return Page(items, page.next_cursor)


def in_language(row: Row, column: str, locale: str) -> str:
    own, english = str(row[column]), str(row[f"{column}_en"])
    return english if locale == "en" and english else own


def _shown(row: Row, reader_id: AccountId | None) -> Shown:
    followed_up_at, names = row["followed_up_at"], row.keys()
    return Shown(
        id=ReviewId(row["id"]),
        product_id=row["product_id"],
        name=row["writer_name"],
        is_anonymous=row["is_anonymous"],
        is_imported=row["writer_id"] is None,
        is_own=reader_id is not None and row["writer_id"] == reader_id,
        spec=" · ".join(row["options"]),
        stars=row["stars"],
        text=row["text"],
        pictures=_pictures(row["pictures"]),
        follow_up=row["follow_up"],
        follow_up_pictures=_pictures(row["follow_up_pictures"]),
        followed_up_at=followed_up_at,
        followed_up_days=(followed_up_at - row["created_at"]).days if followed_up_at else 0,
        answer=row["answer"],
        helpful=row["helpful"],
        unhelpful=row["unhelpful"],
        mine=row["mine"] if "mine" in names else None,
        created_at=row["created_at"],
        edited_at=row["edited_at"],
    )


def _reviewed(row: Row, locale: str, reader_id: AccountId | None, *, now: datetime) -> Reviewed:
    review, names = review_of(row), row.keys()
    is_secret = review.is_anonymous and reader_id is None
    return Reviewed(
        review=_shown(row, reader_id),
        product_name=in_language(row, "title", locale),
        product_image=picture_src(row["picture"], SMALL),
        shop_id=review.shop_id,
        shop_name=in_language(row, "shop_name", locale) if "shop_name" in names else "",
        order_id=None if is_secret else review.order_id,
        line=None if is_secret else review.line,
        dispatch_stars=review.dispatch_stars,
        service_stars=review.service_stars,
        hidden_at=review.hidden_at,
        hidden_why=review.hidden_why,
        hidden_note=review.hidden_note,
        is_held=review.is_held,
        held_words=review.held_words,
        reports=(row["reports"] or []) if "reports" in names else [],
        may_edit=rules.may_edit(review, now=now),
        may_follow_up=rules.may_follow_up(review, now=now),
        may_answer=rules.may_answer(review, now=now),
    )


def _waiting(row: Row, locale: str) -> Waiting:
    return Waiting(
        order_id=row["order_id"],
        line=row["line"],
        product_id=row["product_id"],
        name=row["title"],
        spec=" · ".join(row["options"]),
        image=picture_src(row["picture"], SMALL),
        shop_name=in_language(row, "shop_name", locale),
        placed_at=row["placed_at"],
    )


def _pictures(kept: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    pairs = [(picture_src(it, SMALL), picture_src(it, LARGE)) for it in kept]
    return [(small, large) for small, large in pairs if small and large]


def _after(cursor: str | None) -> tuple[int | None, int | None]:
    """Key and id a page starts after; ids go as text, so that no reader rounds them."""
    parts = decode_cursor(cursor, int, str)
    if parts and not -(2**31) <= parts[0] < 2**31:
        raise CursorInvalid(field="after")
    return (parts[0], _id(parts[1])) if parts else (None, None)


def _id(text: str) -> int:
    found = parse_id(text)
    if found is None:
        raise CursorInvalid(field="after")
    return found
