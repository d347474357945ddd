"""Choosing a category: one select per level, or a word typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jishi.db import Tx
from jishi.kit.text import clean, like_literal
from jishi.modules.catalogue import storage

WORD_MAX = 40
ID_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Level:
    """One select: (id, name) pairs, and which is chosen; 0 none."""

    options: list[tuple[int, str]]
    chosen: int


@dataclass(frozen=True, slots=True)
class Found:
    """One category a word leads to; ``path`` reads from the root down."""

    id: int
    path: str


async def category_levels(tx: Tx, category_id: int, *, locale: str) -> list[Level]:
    """The selects down to a category and one below it; only the first for 0."""
    rows = await storage.category_levels(tx, category_id or None)
    name = "name_zh" if locale.startswith("zh") else "name_en"
    levels: dict[int, Level] = {}
    for row in rows:
        level = levels.get(row["level"]) or Level([], 0)
        chosen = row["id"] if row["is_chosen"] else level.chosen
        levels[row["level"]] = Level([*level.options, (row["id"], row[name])], chosen)
    return [levels[at] for at in sorted(levels)]


async def chosen_category(tx: Tx, values: Sequence[str]) -> int:
    """The deepest of the categories chosen level by level; 0 when there is none.

    One that does not lie below the one before it ends the way: a form sent after an upper select
    was changed does not keep the old branch.
    """
    ids = [read_id(value) for value in values]
    way = ids[: ids.index(0)] if 0 in ids else ids
    return await storage.deepest_of(tx, way) if way else 0


async def children(tx: Tx, parent_id: int) -> list[dict[str, Any]]:
    """id, name_zh, name_en and is_leaf of what lies below a category; the roots for 0."""
    rows = await storage.category_levels(tx, parent_id or None)
    deepest = max((row["level"] for row in rows), default=0)
    names = ("id", "name_zh", "name_en", "is_leaf")
    return [
        {name: row[name] for name in names}
        for row in rows
        if row["level"] == deepest and not row["is_chosen"]
    ]


def read_id(text: str) -> int:
    """A category id as typed or chosen; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS else 0


async def find_categories(tx: Tx, word: str, *, locale: str) -> list[Found]:
    """At most 12 leaves with the word in their name, the shallow ones first."""
    plain = clean(word)[:WORD_MAX]
    if not plain:
        return []
    names = "names_zh" if locale.startswith("zh") else "names_en"
    rows = await storage.search_categories(tx, f"%{like_literal(plain)}%")
    return [Found(row["id"], " / ".join(row[names])) for row in rows]
