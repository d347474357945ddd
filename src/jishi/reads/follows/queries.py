"""What lists of things kept read. Every function takes an open connection."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import Tx, load_sql
from jishi.kit.ids import AccountId, cell_of
from jishi.kit.paging import PAGE_SIZE, Page, id_below, page_of
from jishi.modules.media import picture_src
from jishi.modules.reviews.rules import rating_tenths
from jishi.reads.follows.types import Favourite, FollowedShop
from jishi.reads.reviews.queries import in_language
from jishi.reads.storefront import queries as storefront
from jishi.reads.storefront.types import Card

NEWS_SHOPS: Final = 200  # followed last, whose goods are listed
IS_NEWS: Final = timedelta(days=7)
IMAGE: Final = 160

_FAVOURITES: Final = load_sql(__package__, "favourites")
_SHOPS: Final = load_sql(__package__, "shops")
_NEWS: Final = load_sql(__package__, "news")


async def list_favourites(
    tx: Tx, locale: str, account_id: AccountId, cursor: str | None, *, size: int = PAGE_SIZE
) -> Page[Favourite]:
    """Newest first; what is no longer sold stays in the list. Raises CursorInvalid."""
    before = id_below(cursor)
    rows = await tx.fetch(_FAVOURITES, cell_of(account_id), account_id, before, size + 1)
    page = page_of(rows, size, lambda row: (row["position"],))
    items = [
        Favourite(
            product_id=row["product_id"],
            name=in_language(row, "title", locale),
            image=picture_src(row["picture"], IMAGE),
            price_minor=row["price_from_minor"],
            then_minor=row["then_minor"],
            is_for_sale=row["is_for_sale"],
            shop_name=in_language(row, "shop_name", locale),
            added_at=row["added_at"],
        )
        for row in page.items
    ]
    return Page(items, page.next_cursor)


async def list_shops(
    tx: Tx,
    locale: str,
    account_id: AccountId,
    cursor: str | None,
    *,
    now: datetime,
    size: int = PAGE_SIZE,
) -> Page[FollowedShop]:
    """Shops one follows, newest first. Raises CursorInvalid."""
    mine = (cell_of(account_id), account_id, id_below(cursor))
    rows = await tx.fetch(_SHOPS, *mine, size + 1, now - IS_NEWS)
    page = page_of(rows, size, lambda row: (row["position"],))
    items = [
        FollowedShop(
            shop_id=row["shop_id"],
            name=in_language(row, "name", locale),
            image=picture_src(row["logo"], IMAGE),
            is_open=row["is_open"],
            followers=row["followers"],
            rating_tenths=rating_tenths(row["bought_stars"] or 0, row["bought"] or 0),
            newest=row["newest"],
            followed_at=row["followed_at"],
        )
        for row in page.items
    ]
    return Page(items, page.next_cursor)


async def list_news(
    tx: Tx, locale: str, account_id: AccountId, cursor: str | None, *, size: int = PAGE_SIZE
) -> Page[Card]:
    """Goods of the shops one follows, newest first. Raises CursorInvalid."""
    mine = (cell_of(account_id), account_id, id_below(cursor))
    rows = await tx.fetch(_NEWS, *mine, size + 1, NEWS_SHOPS)
    page = page_of(rows, size, lambda row: (row["id"],))
    shown = await storefront.cards(tx, locale, [row["id"] for row in page.items])
    return Page(shown, page.next_cursor)
