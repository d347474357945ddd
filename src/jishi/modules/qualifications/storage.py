"""Permits in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, ShopId, cell_of
from jishi.modules.qualifications.types import (
    NewQualification,
    Qualification,
    QualificationId,
    QualificationKind,
    QualificationState,
)

_KINDS: Final = (
    "SELECT code, name_en, name_zh, number_pattern FROM qualification_kind ORDER BY code LIMIT 100"
)
_MISSING: Final = load_sql(__package__, "missing")
_ENDING: Final = load_sql(__package__, "ending")
_INSERT: Final = """
INSERT INTO shop_qualification (cell, id, shop_id, kind, number, paper_id, valid_from, valid_until, state,
    submitted_by, submitted_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'submitted', $9, $10, $11)
ON CONFLICT DO NOTHING
"""
_OF_SHOP: Final = """
SELECT * FROM shop_qualification WHERE cell = $1 AND shop_id = $2
ORDER BY kind, id DESC LIMIT 200
"""
_FIND: Final = "SELECT * FROM shop_qualification WHERE cell = $1 AND id = $2"
_LOCK: Final = "SELECT * FROM shop_qualification WHERE cell = $1 AND id = $2 FOR NO KEY UPDATE"
_CLAIM: Final = """
UPDATE shop_qualification SET state = 'under_review', claimed_by = $3, claimed_at = $4
WHERE cell = $1 AND id = $2
"""
_DECIDE: Final = """
UPDATE shop_qualification SET state = $3, decided_by = $4, decided_at = $5, reason = $6, note = $7
WHERE cell = $1 AND id = $2 AND state = 'under_review'
"""
_WITHDRAW: Final = """
UPDATE shop_qualification SET state = 'withdrawn', decided_at = $4
WHERE cell = $1 AND id = $2 AND shop_id = $3 AND state IN ('submitted', 'under_review')
"""
_TOLD: Final = """
UPDATE shop_qualification q SET told_days = t.days FROM unnest($1::bigint[], $2::int[]) t (id, days)
WHERE q.cell = cell_of(t.id) AND q.id = t.id
"""


async def list_kinds(tx: Tx) -> list[QualificationKind]:
    return [QualificationKind(**row) for row in await tx.fetch(_KINDS)]


async def missing(
    tx: Tx, pairs: Sequence[tuple[ShopId, int]], *, today: date
) -> list[tuple[int, str, str, str]]:
    """Place in ``pairs``, code and names of each permit that lacks."""
    shops, categories = [it for it, _ in pairs], [it for _, it in pairs]
    rows = await tx.fetch(_MISSING, shops, categories, today)
    return [(row["at"] - 1, row["code"], row["name_en"], row["name_zh"]) for row in rows]


async def ending(tx: Tx, *, today: date, limit: int) -> list[Row]:
    return list(await tx.fetch(_ENDING, today, limit))


async def insert(
    tx: Tx,
    qualification_id: QualificationId,
    shop_id: ShopId,
    it: NewQualification,
    *,
    by: AccountId,
    now: datetime,
    due_at: datetime,
) -> bool:
    """False when one of its kind waits already."""
    what = (it.kind, it.number, it.paper_id, it.valid_from, it.valid_until)
    row = (cell_of(shop_id), qualification_id, shop_id, *what, by, now, due_at)
    return str(await tx.execute(_INSERT, *row)) == "INSERT 0 1"


async def of_shop(tx: Tx, shop_id: ShopId) -> list[Qualification]:
    return [_qualification(row) for row in await tx.fetch(_OF_SHOP, cell_of(shop_id), shop_id)]


async def find(tx: Tx, qualification_id: QualificationId) -> Qualification | None:
    row = await tx.fetchrow(_FIND, cell_of(qualification_id), qualification_id)
    return _qualification(row) if row else None


async def lock(tx: Tx, qualification_id: QualificationId) -> Qualification | None:
    row = await tx.fetchrow(_LOCK, cell_of(qualification_id), qualification_id)
    return _qualification(row) if row else None


async def claim(
    tx: Tx, qualification_id: QualificationId, operator_id: AccountId, *, now: datetime
) -> None:
    await tx.execute(_CLAIM, cell_of(qualification_id), qualification_id, operator_id, now)


async def decide(
    tx: Tx,
    qualification_id: QualificationId,
    state: QualificationState,
    *,
    operator_id: AccountId,
    reason: str,
    note: str,
    now: datetime,
) -> None:
    cell = cell_of(qualification_id)
    done = await tx.execute(_DECIDE, cell, qualification_id, state, operator_id, now, reason, note)
    assert done == "UPDATE 1", f"permit {qualification_id} was not held: {done}"


async def withdraw(
    tx: Tx, shop_id: ShopId, qualification_id: QualificationId, *, now: datetime
) -> bool:
    done = await tx.execute(_WITHDRAW, cell_of(shop_id), qualification_id, shop_id, now)
    return str(done) == "UPDATE 1"


async def mark_told(tx: Tx, told: Sequence[tuple[QualificationId, int]]) -> None:
    await tx.execute(_TOLD, [it for it, _ in told], [days for _, days in told])


def _qualification(row: Row) -> Qualification:
    names = {it.name for it in fields(Qualification)} - {"state"}
    facts = {name: row[name] for name in names}
    return Qualification(**facts, state=QualificationState(row["state"]))
