"""Searches people make, in PostgreSQL: counted by day and in all, remembered for a person, suggested."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId

_COUNT_DAY: Final = """
INSERT INTO search_day AS d (day, query, searches)
SELECT $1, n.query, n.searches FROM unnest($2::text[], $3::int[]) n (query, searches)
WHERE (SELECT count(*) FROM (SELECT FROM search_day s WHERE s.day = $1 LIMIT $4) full_day) < $4
    OR EXISTS (SELECT FROM search_day s WHERE s.day = $1 AND s.query = n.query)
ORDER BY n.query COLLATE "C"
ON CONFLICT (day, query) DO UPDATE SET searches = d.searches + excluded.searches
RETURNING query
"""
_COUNT_QUERY: Final = """
INSERT INTO search_query AS q (query, searches, pinyin, initials, last_on)
SELECT n.query, n.searches, n.pinyin, n.initials, $5
FROM unnest($1::text[], $2::int[], $3::text[], $4::text[]) n (query, searches, pinyin, initials)
ORDER BY n.query COLLATE "C"
ON CONFLICT (query) DO UPDATE SET searches = q.searches + excluded.searches, last_on = excluded.last_on
"""
_REMEMBER: Final = """
INSERT INTO search_recent AS r (cell, account_id, query, searched_at)
SELECT cell_of(n.account_id), n.account_id, n.query, n.at
FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) n (account_id, query, at)
ORDER BY n.account_id, n.query COLLATE "C"
ON CONFLICT (cell, account_id, query)
DO UPDATE SET searched_at = greatest(r.searched_at, excluded.searched_at)
"""
_TRIM: Final = """
DELETE FROM search_recent r USING (
    SELECT a.id, (SELECT o.searched_at FROM search_recent o
        WHERE o.cell = cell_of(a.id) AND o.account_id = a.id
        ORDER BY o.searched_at DESC OFFSET $2 LIMIT 1) AS last
    FROM unnest($1::bigint[]) a (id)) old
WHERE r.cell = cell_of(old.id) AND r.account_id = old.id AND r.searched_at <= old.last
"""
_RECENT: Final = """
SELECT query FROM search_recent WHERE cell = cell_of($1) AND account_id = $1
ORDER BY searched_at DESC LIMIT $2
"""
_FORGET: Final = "DELETE FROM search_recent WHERE cell = cell_of($1) AND account_id = $1"
_POPULAR: Final = """
SELECT s.query, sum(s.searches) AS searches FROM (
    SELECT d.query, d.searches FROM unnest($1::date[]) a (day)
    CROSS JOIN LATERAL (SELECT query, searches FROM search_day WHERE day = a.day
        ORDER BY searches DESC LIMIT 200) d) s
JOIN search_query q ON q.query = s.query AND NOT q.is_hidden
GROUP BY s.query HAVING sum(s.searches) >= $2 ORDER BY 2 DESC, 1 LIMIT $3
"""
_HIDE: Final = "UPDATE search_query SET is_hidden = $2 WHERE query = $1 RETURNING query"
_MOST: Final = """
SELECT query, searches, is_hidden, last_on FROM search_query
WHERE $1::bigint IS NULL OR searches < $1 OR (searches = $1 AND query > $2)
ORDER BY searches DESC, query LIMIT $3
"""
_PRUNE_DAYS: Final = "DELETE FROM search_day WHERE day < $1"
_PRUNE_QUERIES: Final = """
DELETE FROM search_query WHERE query IN (
    SELECT query FROM search_query WHERE last_on < $1 AND NOT is_hidden ORDER BY last_on LIMIT $2)
"""
_SUGGEST: Final = load_sql(__package__, "suggest")


async def count_searches(tx: Tx, day: date, counted: Mapping[str, int], *, most: int) -> set[str]:
    """Those that were counted: a day holds at most ``most`` different ones."""
    rows = await tx.fetch(_COUNT_DAY, day, list(counted), list(counted.values()), most)
    return {row["query"] for row in rows}


async def add_queries(tx: Tx, rows: Sequence[tuple[str, int, str, str]], *, day: date) -> None:
    """Rows of query, searches, pinyin, initials."""
    await tx.execute(_COUNT_QUERY, *([row[at] for row in rows] for at in range(4)), day)


async def remember(tx: Tx, rows: Sequence[tuple[AccountId, str, datetime]], *, kept: int) -> None:
    await tx.execute(_REMEMBER, *([row[at] for row in rows] for at in range(3)))
    await tx.execute(_TRIM, sorted({row[0] for row in rows}), kept)


async def recent(tx: Tx, account_id: AccountId, *, limit: int) -> list[str]:
    return [row["query"] for row in await tx.fetch(_RECENT, account_id, limit)]


async def forget(tx: Tx, account_id: AccountId) -> None:
    await tx.execute(_FORGET, account_id)


async def popular(tx: Tx, days: Sequence[date], *, least: int, limit: int) -> list[str]:
    return [row["query"] for row in await tx.fetch(_POPULAR, list(days), least, limit)]


async def hide(tx: Tx, query: str, *, hidden: bool) -> bool:
    return await tx.fetchval(_HIDE, query, hidden) is not None


async def most_searched(tx: Tx, after: tuple[int, str] | None, *, limit: int) -> list[Row]:
    """query, searches, is_hidden, last_on."""
    searches, query = after or (None, None)
    return list(await tx.fetch(_MOST, searches, query, limit))


async def suggest(tx: Tx, text: str, last: str, *, limit: int) -> list[Row]:
    """text, kind, the likeliest first."""
    return list(await tx.fetch(_SUGGEST, text, last, limit))


async def prune(tx: Tx, *, days_before: date, queries_before: date, limit: int) -> None:
    await tx.execute(_PRUNE_DAYS, days_before)
    await tx.execute(_PRUNE_QUERIES, queries_before, limit)
