"""Search in PostgreSQL: entries, vocabulary, synonyms, searches made."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ProductId, ShopId
from jishi.modules.search.types import (
    TIER_SIZES,
    Entry,
    Signals,
    SynonymSet,
    Texts,
    WordRow,
)
from jishi.modules.search.words import is_latin

_SIGNALS: Final = load_sql(__package__, "signals")
_TEXTS: Final = load_sql(__package__, "texts")
_WRITE: Final = load_sql(__package__, "write_entries")
_WRITE_WORDS: Final = load_sql(__package__, "write_words")
_LOOKUP: Final = "SELECT at, how, word, seen FROM search_lookup($1, $2)"
_RESCUE: Final = load_sql(__package__, "rescue")
_DELETE: Final = """
DELETE FROM search_entry e USING unnest($1::bigint[]) a (id)
WHERE e.cell = cell_of(a.id) AND e.product_id = a.id
"""
_NAMES: Final = """
SELECT c.id, array_agg(u.name_zh ORDER BY u.level) || array_agg(u.name_en ORDER BY u.level) AS names
FROM category c JOIN category u ON u.id = ANY (c.path) WHERE c.id = ANY ($1::int[]) GROUP BY c.id
"""
_FACETS: Final = """
INSERT INTO search_facet (code, name, value)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) n (code, name, value) ORDER BY code
ON CONFLICT (code) DO NOTHING
"""
_UNKNOWN: Final = """
SELECT a.word FROM unnest($1::text[]) a (word)
WHERE NOT EXISTS (SELECT FROM search_word w WHERE w.word = a.word)
"""
_OF_SHOP: Final = """
SELECT id FROM product WHERE cell = cell_of($1) AND shop_id = $1 AND state = 'listed' AND id > $2
ORDER BY id LIMIT $3
"""
_SYNONYMS: Final = "SELECT id, is_one_way, terms FROM search_synonym ORDER BY id DESC LIMIT 2000"


async def signals(tx: Tx, ids: Sequence[int]) -> list[Signals]:
    """Of those that are listed, in no order."""
    return [_signals(row) for row in await tx.fetch(_SIGNALS, list(ids))]


def _signals(row: Row) -> Signals:
    told = dict(row)
    code = str(told.pop("region_code"))
    province = int(code[:2]) if len(code) >= 2 else 0  # noqa: PLR2004
    city = int(code[:4]) if len(code) >= 4 else 0  # noqa: PLR2004
    return Signals(**told, province=province, city=city)


async def texts(tx: Tx, ids: Sequence[int]) -> dict[ProductId, Texts]:
    rows = await tx.fetch(_TEXTS, list(ids))
    named = await tx.fetch(_NAMES, sorted({row["category_id"] for row in rows}))
    names = {row["id"]: row["names"] for row in named}
    return {
        row["id"]: Texts(
            title=row["title"],
            title_en=row["title_en"],
            brand=row["brand"],
            description=row["description"],
            attributes=[(it["name"], it["values"]) for it in row["attributes"]],
            codes=row["codes"],
            categories=names.get(row["category_id"], []),
            shops=[it for it in (row["shop_name"], row["shop_name_en"]) if it],
        )
        for row in rows
    }


async def write_entries(tx: Tx, entries: Sequence[Entry], *, now: datetime) -> None:
    await tx.execute(
        _WRITE,
        [it.product_id for it in entries],
        [it.shop_id for it in entries],
        [it.category_id for it in entries],
        [it.score for it in entries],
        [it.price_minor for it in entries],
        [it.sold_count for it in entries],
        ["{" + ",".join(it.signs) + "}" for it in entries],
        ["{" + ",".join(map(str, it.facets)) + "}" for it in entries],
        [it.words for it in entries],
        [it.version for it in entries],
        now,
    )


async def delete_entries(tx: Tx, ids: Sequence[int]) -> None:
    await tx.execute(_DELETE, sorted(ids))


async def write_facets(tx: Tx, choices: Iterable[tuple[int, str, str]]) -> None:
    rows = sorted(set(choices))
    if rows:
        await tx.execute(_FACETS, *([row[at] for row in rows] for at in range(3)))


async def unknown_words(tx: Tx, words: Sequence[str]) -> list[str]:
    return [row["word"] for row in await tx.fetch(_UNKNOWN, list(words))]


async def write_words(tx: Tx, rows: Sequence[WordRow]) -> None:
    await tx.execute(
        _WRITE_WORDS,
        [it.word for it in rows],
        [it.pinyin for it in rows],
        [it.initials for it in rows],
        [is_latin(it.word) for it in rows],
        [key for it in rows for key in it.near],
        [it.word for it in rows for _ in it.near],
    )


async def products_of_shop(tx: Tx, shop_id: ShopId, *, after: int, limit: int) -> list[ProductId]:
    return [row["id"] for row in await tx.fetch(_OF_SHOP, shop_id, after, limit)]


async def lookup(tx: Tx, words: Sequence[str], compact: Sequence[str]) -> list[Row]:
    """at, how, word, seen."""
    return list(await tx.fetch(_LOOKUP, list(words), list(compact)))


async def rescue(
    tx: Tx, words: Sequence[str], spoken: Sequence[str], keys: Sequence[Sequence[int]]
) -> list[Row]:
    """at, how, word, seen, spelt, rest."""
    texts_of_keys = ["{" + ",".join(map(str, each)) + "}" for each in keys]
    return list(await tx.fetch(_RESCUE, list(words), list(spoken), texts_of_keys))


# synonyms ----------------------------------------------------------------------------------------

_SYNONYM_PAGE: Final = """
SELECT id, is_one_way, terms FROM search_synonym
WHERE ($1::int IS NULL OR id < $1) AND ($2::text IS NULL OR $2 = ANY (terms)) ORDER BY id DESC LIMIT $3
"""
_ADD_SYNONYM: Final = """
INSERT INTO search_synonym (is_one_way, terms, changed_at) VALUES ($1, $2, $3) RETURNING id
"""
_DROP_SYNONYM: Final = "DELETE FROM search_synonym WHERE id = $1 RETURNING terms"


async def synonyms(tx: Tx) -> list[SynonymSet]:
    return [SynonymSet(**row) for row in await tx.fetch(_SYNONYMS)]


async def synonym_page(
    tx: Tx, *, before: int | None, term: str | None, limit: int
) -> list[SynonymSet]:
    return [SynonymSet(**row) for row in await tx.fetch(_SYNONYM_PAGE, before, term, limit)]


async def add_synonym(tx: Tx, terms: Sequence[str], *, is_one_way: bool, now: datetime) -> int:
    return int(await tx.fetchval(_ADD_SYNONYM, is_one_way, list(terms), now))


async def drop_synonym(tx: Tx, synonym_id: int) -> list[str] | None:
    """The terms it had; None when it was not there."""
    found: list[str] | None = await tx.fetchval(_DROP_SYNONYM, synonym_id)
    return found


# upkeep ------------------------------------------------------------------------------------------

_CUTS: Final = load_sql(__package__, "tier_cuts")
_FILLED: Final = load_sql(__package__, "tier_counts")
_SAVE_CUTS: Final = """
INSERT INTO search_tier (tier, least_score) SELECT * FROM unnest($1::smallint[], $2::int[])
ON CONFLICT (tier) DO UPDATE SET least_score = excluded.least_score
"""
_DROP_CUTS: Final = "DELETE FROM search_tier WHERE tier >= $1"
_RETIER: Final = load_sql(__package__, "retier")
_RECOUNT: Final = load_sql(__package__, "recount_words")
RECOUNT_SECONDS: Final = 600.0
_RECOUNT_SAMPLE: Final = load_sql(__package__, "recount_words_sampled")
_ROUGH: Final = (
    "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'search_entry'::regclass"
)
_STALE: Final = load_sql(__package__, "stale")
_CHANGED: Final = load_sql(__package__, "changed_signals")
_OPEN_WALK: Final = """
INSERT INTO search_walk AS w (name, started_at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET (after_cell, after_id, done, started_at, ended_at)
    = (0, 0, 0, excluded.started_at, NULL) WHERE w.ended_at IS NOT NULL OR $3
"""
_WALK: Final = """
SELECT after_cell, after_id, done, ended_at FROM search_walk WHERE name = $1 FOR UPDATE SKIP LOCKED
"""
_WALK_SIZE: Final = """
SELECT greatest(c.reltuples, 0)::bigint AS total, w.done FROM pg_class c, search_walk w
WHERE c.oid = 'product'::regclass AND w.name = $1
"""
_WALKED: Final = """
UPDATE search_walk SET after_cell = $2, after_id = $3, done = done + $4, ended_at = $5 WHERE name = $1
"""
_NEXT: Final = """
SELECT cell, id FROM product WHERE (cell, id) > ($1, $2) ORDER BY cell, id LIMIT $3
"""


async def tier_counts(tx: Tx) -> list[Row]:
    """tier, filled (counted a little beyond its size), least_score."""
    return list(await tx.fetch(_FILLED, list(TIER_SIZES)))


async def save_cuts(tx: Tx) -> None:
    rows = await tx.fetch(_CUTS, list(TIER_SIZES))
    await tx.execute(_SAVE_CUTS, [row["tier"] for row in rows], [row["cut"] for row in rows])
    await tx.execute(_DROP_CUTS, len(rows))


async def retier(tx: Tx, *, limit: int) -> int:
    """How many entries moved into the tier their score belongs to."""
    return int(await tx.fetchval(_RETIER, limit))


async def recount(tx: Tx, *, whole_below: int) -> None:
    rough = await tx.fetchval(_ROUGH)
    statement = _RECOUNT if rough < whole_below else _RECOUNT_SAMPLE
    await tx.execute(statement, timeout=RECOUNT_SECONDS)


async def open_walk(tx: Tx, name: str, *, anew: bool, now: datetime) -> None:
    """Begin a walk over all goods; one under way goes on, unless ``anew``."""
    await tx.execute(_OPEN_WALK, name, now, anew)


async def walk_state(tx: Tx, name: str) -> Row | None:
    """after_cell, after_id, done, ended_at, held; None while another process walks."""
    row: Row | None = await tx.fetchrow(_WALK, name)
    return row


async def walk_size(tx: Tx, name: str) -> tuple[int, int]:
    row = await tx.fetchrow(_WALK_SIZE, name)
    return (row["total"], row["done"]) if row else (0, 0)


async def walked(
    tx: Tx, name: str, after: tuple[int, int], *, done: int, ended_at: datetime | None
) -> None:
    await tx.execute(_WALKED, name, *after, done, ended_at)


async def next_products(tx: Tx, after: tuple[int, int], *, limit: int) -> list[Row]:
    """cell, id of any state."""
    return list(await tx.fetch(_NEXT, *after, limit))


async def stale(tx: Tx, ids: Sequence[int]) -> list[int]:
    """Of products those whose entry is missing, of an older version, or no longer due."""
    return [row["id"] for row in await tx.fetch(_STALE, list(ids))]


async def entries_signs(tx: Tx, ids: Sequence[int]) -> dict[int, Row]:
    """score, price_minor, sold_count, signs by product."""
    return {row["product_id"]: row for row in await tx.fetch(_CHANGED, list(ids))}
