"""What a search finds, and what it can be narrowed by. Every function takes an open connection."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId
from jishi.kit.paging import PAGE_SIZE, Page, page_of
from jishi.modules.search import Asked, Plan
from jishi.modules.search.rules import PRICE_EDGES, plan_of
from jishi.modules.search.types import COUNTED_MAX, WINDOW
from jishi.reads.storefront import near, rules_facets
from jishi.reads.storefront.queries import after_of, cards
from jishi.reads.storefront.types import Card, Facets, Filters, Found

_SURVEY: Final = load_sql(__package__, "survey")
_HOME: Final = load_sql(__package__, "home_region")
_SORTED: Final = load_sql(__package__, "find_sorted")
BY_WORTH: Final = frozenset({"relevance", "near"})  # orders within the best matches
NARROWED_MAX: Final = 4  # facets in use that are counted as if they were not


async def find(
    tx: Tx,
    locale: str,
    asked: Asked | None,
    filters: Filters,
    cursor: str | None,
    *,
    size: int = PAGE_SIZE,
) -> Found:
    """One page. By relevance and nearness a list ends with the best matches. Raises CursorInvalid."""
    plan = _plan(asked, filters)
    key, after = after_of(cursor)
    if filters.sort in BY_WORTH:
        rows = await _survey(tx, plan, filters, key, after, size=size, counted=0)
        return await _best(tx, locale, rows, filters, size)
    return await _in_order(tx, locale, plan, filters, cursor, size)


async def find_counted(
    tx: Tx, locale: str, asked: Asked | None, filters: Filters, *, size: int = PAGE_SIZE
) -> tuple[Found, Facets]:
    """The first page, and what the list can be narrowed by."""
    plan = _plan(asked, filters)
    is_best = filters.sort in BY_WORTH
    rows = await _survey(tx, plan, filters, None, None, size=size if is_best else -1)
    counted = await _counted(tx, locale, asked, filters, rows)
    if is_best:
        return await _best(tx, locale, rows, filters, size), counted
    return await _in_order(tx, locale, plan, filters, None, size), counted


async def facets(tx: Tx, locale: str, asked: Asked | None, filters: Filters) -> Facets:
    """What a list can be narrowed by; a facet in use is counted as if it were not."""
    rows = await _survey(tx, _plan(asked, filters), filters, None, None, size=-1)
    return await _counted(tx, locale, asked, filters, rows)


async def _counted(
    tx: Tx, locale: str, asked: Asked | None, filters: Filters, rows: Sequence[Row]
) -> Facets:
    found = rules_facets.facets_of(rows, filters, locale, window=WINDOW)
    for kind, wider in rules_facets.widened(filters)[:NARROWED_MAX]:
        if asked is None and not wider.is_asking:
            continue
        others = await _survey(tx, _plan(asked, wider), wider, None, None, size=-1)
        counted = rules_facets.facets_of(others, filters, locale, window=WINDOW)
        found = rules_facets.merged(found, counted, kind)
    return found


async def _best(tx: Tx, locale: str, rows: Sequence[Row], filters: Filters, size: int) -> Found:
    page = await _page(tx, locale, _hits(rows), filters, size)
    total = next(row["found"] for row in rows if row["kind"] == "total")
    return Found(page.items, page.next_cursor, total, is_more=total >= WINDOW)


async def _in_order(
    tx: Tx, locale: str, plan: Plan, filters: Filters, cursor: str | None, size: int
) -> Found:
    key, after = after_of(cursor)
    hits = await _sorted(tx, plan, filters, key, after, size)
    page = await _page(tx, locale, hits, filters, size)
    is_whole = cursor is None and page.next_cursor is None
    return Found(page.items, page.next_cursor, len(page.items) if is_whole else None)


async def home_city(tx: Tx, account_id: AccountId) -> int | None:
    """The city of a person's default address; None without one in China."""
    code = await tx.fetchval(_HOME, account_id)
    return int(str(code)[:4]) if code else None


def _plan(asked: Asked | None, filters: Filters) -> Plan:
    city = filters.city if filters.sort == "near" else None
    narrow = replace(filters.narrowing, city=city)
    return plan_of(asked, narrow, near=near.beside(city // 100) if city else ())


async def _survey(
    tx: Tx,
    plan: Plan,
    filters: Filters,
    key: int | None,
    after: int | None,
    *,
    size: int,
    counted: int = COUNTED_MAX,
) -> Sequence[Row]:
    found: Sequence[Row] = await tx.fetch(
        _SURVEY,
        plan.phases,
        plan.typed,
        plan.title,
        plan.main,
        plan.low_minor,
        plan.high_minor,
        WINDOW,
        key,
        after,
        size + 1,
        filters.category_level + 1,
        list(PRICE_EDGES),
        counted,
        plan.in_stock,
    )
    return found


async def _sorted(
    tx: Tx, plan: Plan, filters: Filters, key: int | None, after: int | None, size: int
) -> Sequence[Row]:
    """By the words of title, attributes and category; by those of descriptions when that is nothing."""
    found: Sequence[Row] = []
    for query in dict.fromkeys((plan.phases[0], plan.whole)):
        found = await tx.fetch(
            _SORTED,
            query,
            filters.sort,
            plan.low_minor,
            plan.high_minor,
            key,
            after,
            size + 1,
            plan.in_stock,
        )
        if found:
            break
    return found


def _hits(rows: Sequence[Row]) -> list[dict[str, Any]]:
    found = [{"id": row["code"], "key": row["found"]} for row in rows if row["kind"] == "hit"]
    return sorted(found, key=lambda it: (it["key"], -it["id"]))


async def _page(
    tx: Tx, locale: str, found: Sequence[Any], filters: Filters, size: int
) -> Page[Card]:
    """Cards are read as they are now: what has just sold out is not shown where stock is asked for."""
    ids = page_of(found, size, lambda row: (row["key"], str(row["id"])))
    shown = await cards(tx, locale, [row["id"] for row in ids.items])
    if filters.in_stock:
        shown = [card for card in shown if card.is_in_stock]
    return Page(shown, ids.next_cursor)
