"""The goods a coupon covers: looked for by name, page by page, and named again once they are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId
from jishi.kit.paging import PAGE_SIZE, Page, decode_cursor, page_of
from jishi.kit.text import clean
from jishi.modules.pricing import Scope, ScopeForeign, Terms
from jishi.modules.search.words import cut_query

QUERY_MAX: Final = 40

_PRODUCTS: Final = load_sql(__package__, "pick_products")
_MARKET: Final = load_sql(__package__, "pick_market")
_CATEGORIES: Final = load_sql(__package__, "pick_categories")
_NAMED_PRODUCTS: Final = load_sql(__package__, "named_products")
_NAMED_CATEGORIES: Final = load_sql(__package__, "named_categories")
_ACCOUNT: Final = "SELECT EXISTS (SELECT FROM account WHERE cell = cell_of($1) AND id = $1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A product or category a coupon covers or may cover. ``shop_name``: empty for categories."""

    id: int
    name: str
    shop_name: str = ""


async def find(
    tx: Tx, scope: Scope, words: str, cursor: str | None, *, shop_id: ShopId | None, locale: str
) -> Page[Covered]:
    """A page of what holds these words: products of the shop (None: of the market) or categories.

    Raises CursorInvalid. Nothing for a coupon of all goods.
    """
    typed = clean(words)[:QUERY_MAX]
    if scope is Scope.CATEGORIES:
        level, after = decode_cursor(cursor, int, int) or (0, 0)
        rows = await tx.fetch(_CATEGORIES, typed, level, after, PAGE_SIZE + 1)
        page = page_of(rows, PAGE_SIZE, lambda row: (row["level"], row["id"]))
    elif scope is Scope.PRODUCTS:
        (before,) = decode_cursor(cursor, int) or (None,)
        if shop_id is not None:
            rows = await tx.fetch(_PRODUCTS, shop_id, typed, before, PAGE_SIZE + 1)
        else:
            query = " & ".join(f"'{word}'" for word in cut_query(typed)) or None
            rows = await tx.fetch(_MARKET, query, before, PAGE_SIZE + 1)
        page = page_of(rows, PAGE_SIZE, lambda row: (row["id"],))
    else:
        return Page([], None)
    return Page([_covered(row, locale) for row in page.items], page.next_cursor)


async def named(
    tx: Tx, scope: Scope, ids: Sequence[int], *, shop_id: ShopId | None, locale: str
) -> list[Covered]:
    """What these ids stand for; those that are nothing, or another shop's, are missing."""
    if scope is Scope.ALL or not ids:
        return []
    if scope is Scope.CATEGORIES:
        rows = await tx.fetch(_NAMED_CATEGORIES, list(ids))
    else:
        rows = await tx.fetch(_NAMED_PRODUCTS, shop_id, list(ids))
    return [_covered(row, locale) for row in rows]


async def check_scope(tx: Tx, terms: Terms) -> None:
    """Products must be the shop's, categories and the creator must exist. Raises ScopeForeign."""
    ids = sorted(terms.scope_ids)
    found = await named(tx, terms.scope, ids, shop_id=terms.shop_id, locale="en")
    if len(found) != len(ids):
        raise ScopeForeign(field="scope_ids")
    if terms.creator_id is not None and not await tx.fetchval(_ACCOUNT, terms.creator_id):
        raise ScopeForeign(field="creator_id")


def _covered(row: Row, locale: str) -> Covered:
    return Covered(
        id=row["id"], name=_named(row, "title", locale), shop_name=_named(row, "shop_name", locale)
    )


def _named(row: Row, column: str, locale: str) -> str:
    english = row.get(f"{column}_en", "")
    return str(english if locale == "en" and english else row.get(column, ""))
