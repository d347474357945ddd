"""Scores in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from jishi.db import Row, Tx
from jishi.kit.ids import ShopId, cell_of
from jishi.modules.scores.types import Counted, DayScore, FigureScore

_OPEN_RUN: Final = """
INSERT INTO score_run (day, market)
SELECT $1, coalesce(jsonb_object_agg(m.figure, jsonb_build_object('good', m.good, 'total', m.total)), '{}')
FROM (
    SELECT f.key AS figure, sum((f.value ->> 'good')::bigint) AS good,
        sum((f.value ->> 'total')::bigint) AS total
    FROM shop_score s, jsonb_each(s.figures) f
    WHERE s.day = $1::date - 1 GROUP BY f.key
) m
ON CONFLICT (day) DO NOTHING
"""
_LOCK_RUN: Final = "SELECT market, after_id, done_at FROM score_run WHERE day = $1 FOR UPDATE"
_SHOPS: Final = """
SELECT id FROM shop WHERE id > $1 AND state NOT IN ('preparing', 'closed') ORDER BY id LIMIT $2
"""
_WRITE: Final = """
INSERT INTO shop_score (cell, shop_id, day, formula, score, figures, made_at)
SELECT cell_of(s.id), s.id, $1, $2, s.score, s.figures, $3
FROM unnest($4::bigint[], $5::int[], $6::jsonb[]) s (id, score, figures)
ON CONFLICT (cell, shop_id, day) DO UPDATE SET formula = excluded.formula, score = excluded.score,
    figures = excluded.figures, made_at = excluded.made_at
"""
_MOVE_RUN: Final = "UPDATE score_run SET after_id = $2, done_at = $3 WHERE day = $1"
_NEWEST: Final = """
SELECT day, score, figures FROM shop_score WHERE cell = $1 AND shop_id = $2 ORDER BY day DESC LIMIT $3
"""


async def open_run(tx: Tx, day: date) -> tuple[dict[str, Counted], int, bool]:
    """The day's run, begun when missing: the market of the day before, how far it is, if it is done."""
    row = await tx.fetchrow(_LOCK_RUN, day)
    if row is None:  # the first look of the day; another process may be as fast
        await tx.execute(_OPEN_RUN, day)
        row = await tx.fetchrow(_LOCK_RUN, day)
    assert row
    market = {name: Counted(it["good"], it["total"]) for name, it in row["market"].items()}
    return market, int(row["after_id"]), row["done_at"] is not None


async def shops_after(tx: Tx, after_id: int, *, limit: int) -> list[ShopId]:
    return [ShopId(row["id"]) for row in await tx.fetch(_SHOPS, after_id, limit)]


async def write(
    tx: Tx,
    day: date,
    formula: int,
    rows: Sequence[tuple[ShopId, int | None, Mapping[str, FigureScore]]],
    *,
    now: datetime,
) -> None:
    figures = [{name: asdict(it) for name, it in found.items()} for _, _, found in rows]
    ids, scores = [it for it, _, _ in rows], [score for _, score, _ in rows]
    await tx.execute(_WRITE, day, formula, now, ids, scores, figures)


async def move_run(tx: Tx, day: date, after_id: int, done_at: datetime | None) -> None:
    await tx.execute(_MOVE_RUN, day, after_id, done_at)


async def newest(tx: Tx, shop_id: ShopId, *, limit: int) -> list[DayScore]:
    return [_day(row) for row in await tx.fetch(_NEWEST, cell_of(shop_id), shop_id, limit)]


def _day(row: Row) -> DayScore:
    figures: dict[str, Any] = row["figures"]
    found = {name: FigureScore(**it) for name, it in figures.items()}
    return DayScore(day=row["day"], score=row["score"], figures=found)
