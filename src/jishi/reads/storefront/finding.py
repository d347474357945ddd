"""What a search finds, and what it can be narrowed by. Every function takes an open connection."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from cachetools import TTLCache

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId
from jishi.kit.paging import PAGE_SIZE, Page, page_of
from jishi.modules.search import Asked, Plan
from jishi.modules.search.rules import PRICE_EDGES, plan_of
from jishi.modules.search.types import COUNTED_MAX, WINDOW
from jishi.reads.storefront import near, rules_facets
from jishi.reads.storefront.queries import after_of, cards
from jishi.reads.storefront.types import Card, Facets, Filters, Found

_SURVEY: Final = """
SELECT kind, code, found, one, two
FROM storefront_survey($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_HOME: Final = load_sql(__package__, "home_region")
_SORTED: Final = load_sql(__package__, "find_sorted")
_IN_CATEGORIES: Final = load_sql(__package__, "find_in_categories")
BY_WORTH: Final = frozenset({"relevance", "near"})  # orders within the best matches
NARROWED_MAX: Final = 4  # facets in use that are counted as if they were not
KEPT_SECONDS: Final = 20.0
KEPT_MOST: Final = 1_000  # some 20 kB each
CARD_SECONDS: Final = 3.0
CARDS_MOST: Final = 20_000


class Finder:
    """One per process. What it found is kept for a moment: many search for the same at once.

    Which goods a search leads to is kept longer than their cards, which tell price and stock.
    Nothing found is not kept: who has just listed something looks for it.
    """

    def __init__(
        self, *, seconds: float = KEPT_SECONDS, card_seconds: float = CARD_SECONDS
    ) -> None:
        self._kept: TTLCache[tuple[Any, ...], Sequence[Row]] = TTLCache(KEPT_MOST, seconds)
        self._cards: TTLCache[tuple[str, int], Card] = TTLCache(CARDS_MOST, card_seconds)

    async def find(
        self,
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
            rows = await self._survey(tx, plan, filters, key, after, size=size, counted=0)
            return await self._best(tx, locale, rows, filters, size)
        return await self._in_order(tx, locale, plan, filters, cursor, size)

    async def find_counted(
        self, tx: Tx, locale: str, asked: Asked | None, filters: Filters, *, size: int = PAGE_SIZE
    ) -> tuple[Found, Facets]:
        """The first page, and what the list can be narrowed by."""
        plan = _plan(asked, filters)
        is_best = filters.sort in BY_WORTH
        rows = await self._survey(tx, plan, filters, None, None, size=size if is_best else -1)
        counted = await self._counted(tx, locale, asked, filters, rows)
        if is_best:
            return await self._best(tx, locale, rows, filters, size), counted
        return await self._in_order(tx, locale, plan, filters, None, size), counted

    async def facets(self, tx: Tx, locale: str, asked: Asked | None, filters: Filters) -> Facets:
        """What a list can be narrowed by; a facet in use is counted as if it were not."""
        rows = await self._survey(tx, _plan(asked, filters), filters, None, None, size=-1)
        return await self._counted(tx, locale, asked, filters, rows)

    async def _counted(
        self, tx: Tx, locale: str, asked: Asked | None, filters: Filters, rows: Sequence[Row]
    ) -> Facets:
        found = rules_facets.facets_of(rows, filters, locale, window=WINDOW)
        for kind, wider in rules_facets.widened(filters)[:NARROWED_MAX]:
            if asked is None and not wider.is_asking:
                continue
            others = await self._survey(
                tx, _plan(asked, wider), wider, None, None, size=-1,
                what="spans" if kind == "spans" else "choices",
            )  # fmt: skip
            counted = rules_facets.facets_of(others, filters, locale, window=WINDOW)
            found = rules_facets.merged(found, counted, kind)
        return found

    async def _in_order(
        self, tx: Tx, locale: str, plan: Plan, filters: Filters, cursor: str | None, size: int
    ) -> Found:
        key, after = after_of(cursor)
        hits = await self._sorted(tx, plan, filters, key, after, size)
        page = await self._page(tx, locale, hits, filters, size)
        is_whole = cursor is None and page.next_cursor is None
        return Found(page.items, page.next_cursor, len(page.items) if is_whole else None)

    async def _survey(
        self,
        tx: Tx,
        plan: Plan,
        filters: Filters,
        key: int | None,
        after: int | None,
        *,
        size: int,
        counted: int = COUNTED_MAX,
        what: str = "all",
    ) -> Sequence[Row]:
        return await self._fetch(
            tx,
            _SURVEY,
            tuple(plan.phases),
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
            PRICE_EDGES,
            counted,
            plan.in_stock,
            what,
        )

    async def _sorted(
        self, tx: Tx, plan: Plan, filters: Filters, key: int | None, after: int | None, size: int
    ) -> Sequence[Row]:
        """By the words of title, attributes and category; by those of descriptions when that is nothing."""
        if filters.leaves and not filters.is_narrow:
            leaves = filters.leaves
            return await self._fetch(tx, _IN_CATEGORIES, leaves, filters.sort, key, after, size + 1)
        found: Sequence[Row] = []
        for query in dict.fromkeys((plan.phases[0], plan.whole)):
            found = await self._fetch(
                tx,
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

    async def _fetch(self, tx: Tx, sql: str, *args: Any) -> Sequence[Row]:
        found = self._kept.get((sql, args))
        if found is None:
            found = await tx.fetch(sql, *args)
            if len(found) > 1:  # a survey always tells its total
                self._kept[(sql, args)] = found
        return found

    async def _page(
        self, tx: Tx, locale: str, found: Sequence[Any], filters: Filters, size: int
    ) -> Page[Card]:
        """What has just sold out is not shown where stock is asked for."""
        ids = page_of(found, size, lambda row: (row["key"], str(row["id"])))
        wanted = [row["id"] for row in ids.items]
        held = {each: card for each in wanted if (card := self._cards.get((locale, each)))}
        for card in await cards(tx, locale, [each for each in wanted if each not in held]):
            held[card.id] = self._cards[(locale, card.id)] = card
        shown = [held[each] for each in wanted if each in held]
        if filters.in_stock:
            shown = [card for card in shown if card.is_in_stock]
        return Page(shown, ids.next_cursor)

    async def _best(
        self, tx: Tx, locale: str, rows: Sequence[Row], filters: Filters, size: int
    ) -> Found:
        page = await self._page(tx, locale, _hits(rows), filters, size)
        total = next(row["found"] for row in rows if row["kind"] == "total")
        return Found(page.items, page.next_cursor, total, is_more=total >= WINDOW)


async def home_city(tx: Tx, account_id: AccountId) -> int | None:
    """The city of a person's default address; None without one in China."""
    code = await tx.fetchval(_HOME, account_id)
    return int(str(code)[:4]) if code else None


def _plan(asked: Asked | None, filters: Filters) -> Plan:
    city = filters.city if filters.sort == "near" else None
    narrow = replace(filters.narrowing, city=city)
    return plan_of(asked, narrow, near=near.beside(city // 100) if city else ())


def _hits(rows: Sequence[Row]) -> list[dict[str, Any]]:
    found = [{"id": row["code"], "key": row["found"]} for row in rows if row["kind"] == "hit"]
    return sorted(found, key=lambda it: (it["key"], -it["id"]))
