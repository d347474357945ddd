"""Fill the reference tables from the shipped files, once per release of a file."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import asyncpg

from jishi.data import files

# As jishi.db.Tx; jishi.db calls this package after migrating and is not imported here.
Link: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_KNOWN = "SELECT digest FROM reference_data WHERE name = $1"
_STAMP = """
INSERT INTO reference_data (name, version, digest) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, digest = excluded.digest
"""
# Paths travel as text: unnest would flatten an array of arrays.
_CATEGORIES = """
WITH given AS (
    SELECT * FROM unnest($1::int[], $2::int[], $3::smallint[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::boolean[])
        AS t (id, parent_id, level, code, name_en, name_zh, path, is_leaf)
), retired AS (
    UPDATE category SET is_retired = true
    WHERE NOT is_retired AND NOT EXISTS (SELECT FROM given WHERE given.id = category.id)
)
INSERT INTO category (id, parent_id, level, code, name_en, name_zh, path, is_leaf)
SELECT id, parent_id, level, code, name_en, name_zh, path::int[], is_leaf FROM given
ON CONFLICT (id) DO UPDATE SET (parent_id, level, code, name_en, name_zh, path, is_leaf, is_retired)
    = (excluded.parent_id, excluded.level, excluded.code, excluded.name_en, excluded.name_zh,
       excluded.path, excluded.is_leaf, false)
"""
_REGIONS = """
WITH given AS (
    SELECT * FROM unnest($1::int[], $2::int[], $3::smallint[], $4::text[], $5::boolean[],
        $6::boolean[]) AS t (code, parent_code, level, name, is_hidden, is_leaf)
), retired AS (
    UPDATE region SET is_retired = true
    WHERE NOT is_retired AND NOT EXISTS (SELECT FROM given WHERE given.code = region.code)
)
INSERT INTO region (code, parent_code, level, name, is_hidden, is_leaf)
SELECT code, parent_code, level, name, is_hidden, is_leaf FROM given
ON CONFLICT (code) DO UPDATE SET (parent_code, level, name, is_hidden, is_leaf, is_retired)
    = (excluded.parent_code, excluded.level, excluded.name, excluded.is_hidden, excluded.is_leaf,
       false)
"""


async def load_reference(conn: Link) -> dict[str, int]:
    """Bring categories and regions up to the shipped files; rows loaded per table.

    Costs two short reads when nothing changed. Rows missing in a newer file are marked retired.
    Runs in one transaction of its own; two processes starting at once load one after the other.
    """
    loaded: dict[str, int] = {}
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtext('reference_data'))")
        if await _is_new(conn, "categories"):
            loaded["category"] = await _load_categories(conn)
        if await _is_new(conn, "regions"):
            loaded["region"] = await _load_regions(conn)
    return loaded


async def _is_new(conn: Link, name: str) -> bool:
    return bool(await conn.fetchval(_KNOWN, name) != files.digest_of(name))


async def _load_categories(conn: Link) -> int:
    rows = files.read_categories()
    fields = ("id", "parent_id", "level", "code", "name_en", "name_zh")
    paths = ["{" + ",".join(map(str, row.path)) + "}" for row in rows]
    leaves = [row.is_leaf for row in rows]
    await conn.execute(_CATEGORIES, *_columns(rows, fields), paths, leaves)
    await conn.execute(
        _STAMP, "categories", files.CATEGORIES_VERSION, files.digest_of("categories")
    )
    return len(rows)


async def _load_regions(conn: Link) -> int:
    rows = files.read_regions()
    fields = ("code", "parent_code", "level", "name", "is_hidden", "is_leaf")
    await conn.execute(_REGIONS, *_columns(rows, fields))
    await conn.execute(_STAMP, "regions", files.REGIONS_VERSION, files.digest_of("regions"))
    return len(rows)


def _columns(rows: Sequence[object], fields: Sequence[str]) -> list[list[Any]]:
    return [[getattr(row, field) for row in rows] for field in fields]
