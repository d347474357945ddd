"""Applications, their steps, the directory of numbers, and holds, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx
from jishi.kit.ids import AccountId, ShopId, cell_for, cell_of
from jishi.modules.shops.types import ShopKind
from jishi.modules.shops.types_applications import (
    Application,
    ApplicationId,
    ApplicationState,
    Papers,
)

_KEPT: Final = tuple(it.name for it in fields(Papers) if it.name not in {"kind", "id_number"})
_INSERT = """
INSERT INTO shop_application (cell, id, shop_id, applicant_id, kind, state, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 'draft', $6, $6)
"""
_OPEN_OF = """
SELECT * FROM shop_application
WHERE cell = $1 AND shop_id = $2 AND state IN ('draft', 'submitted', 'under_review', 'sent_back')
"""
_NEWEST_OF = (
    "SELECT * FROM shop_application WHERE cell = $1 AND shop_id = $2 ORDER BY id DESC LIMIT 1"
)
_FIND = "SELECT * FROM shop_application WHERE cell = $1 AND id = $2"
_LOCK = "SELECT * FROM shop_application WHERE cell = $1 AND id = $2 FOR NO KEY UPDATE"
_SAVE = """
UPDATE shop_application SET (kind, real_name, id_number_masked, id_number_hash, company_name,
    registration_number, legal_person, licence_paper_id, licence_until, brand, trademark_number,
    authorisation_paper_id, authorisation_from, authorisation_until, updated_at, version)
    = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, version + 1)
WHERE cell = $1 AND id = $2
RETURNING *
"""
_MOVE = """
UPDATE shop_application SET state = $3, version = version + 1, updated_at = $4,
    submitted_at = coalesce($5, submitted_at), due_at = coalesce($6, due_at),
    claimed_by = $7, claimed_at = $8, decided_by = $9, decided_at = $10,
    findings = coalesce($11, findings), problems = coalesce($12, problems), note = $13
WHERE cell = $1 AND id = $2 AND state = ANY ($14::text[])
RETURNING *
"""
_STEP = """
INSERT INTO shop_application_step (cell, application_id, version, state, actor, actor_id, note, occurred_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_HOLD_NUMBER = "SELECT pg_advisory_xact_lock(hashtextextended('registration ' || $1, 0))"
_TAKEN = """
SELECT EXISTS (SELECT FROM shop_registration WHERE cell = $1 AND number = $2 AND owner_id <> $3)
"""
_REGISTER = """
INSERT INTO shop_registration (cell, number, owner_id, shop_id, approved_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (cell, number, shop_id) DO UPDATE SET owner_id = excluded.owner_id
"""
_HAND_OVER = "UPDATE shop_registration SET owner_id = $2 WHERE shop_id = $1"
_OWNED = """
SELECT count(*) FROM shop_staff m JOIN shop s ON s.cell = m.cell AND s.id = m.shop_id
WHERE m.account_id = $1 AND m.role = 'owner' AND s.kind = $2 AND s.id <> $3 AND s.state <> 'closed'
"""
_APPROVE = """
UPDATE shop SET kind = $3, licence = $4, sales_limit_minor = $5, version = version + 1,
    state = CASE WHEN state = 'preparing' THEN 'open' ELSE state END,
    opened_at = CASE WHEN state = 'preparing' THEN $6 ELSE opened_at END
WHERE cell = $1 AND id = $2
"""


async def insert_application(
    tx: Tx,
    application_id: ApplicationId,
    shop_id: ShopId,
    applicant_id: AccountId,
    kind: ShopKind,
    *,
    now: datetime,
) -> None:
    row = (cell_of(shop_id), application_id, shop_id, applicant_id, kind, now)
    await tx.execute(_INSERT, *row)


async def find_open(tx: Tx, shop_id: ShopId) -> Application | None:
    row = await tx.fetchrow(_OPEN_OF, cell_of(shop_id), shop_id)
    return _application(row) if row else None


async def find_newest(tx: Tx, shop_id: ShopId) -> Application | None:
    row = await tx.fetchrow(_NEWEST_OF, cell_of(shop_id), shop_id)
    return _application(row) if row else None


async def find_application(tx: Tx, application_id: ApplicationId) -> Application | None:
    row = await tx.fetchrow(_FIND, cell_of(application_id), application_id)
    return _application(row) if row else None


async def lock_application(tx: Tx, application_id: ApplicationId) -> Application | None:
    """The application, held against change until ``tx`` ends."""
    row = await tx.fetchrow(_LOCK, cell_of(application_id), application_id)
    return _application(row) if row else None


async def save_papers(
    tx: Tx, application_id: ApplicationId, papers: Papers, *, now: datetime
) -> Application:
    """The caller holds the application."""
    values = [getattr(papers, name) for name in _KEPT]
    row = await tx.fetchrow(
        _SAVE, cell_of(application_id), application_id, papers.kind, *_in_order(values), now
    )
    assert row, f"application {application_id} was not there"
    return _application(row)


def _in_order(values: Sequence[Any]) -> list[Any]:
    """The order of ``_SAVE`` from the order of the fields."""
    by_name = dict(zip(_KEPT, values, strict=True))
    return [
        by_name[name]
        for name in (
            *("real_name", "id_number_masked", "id_number_hash", "company_name"),
            *("registration_number", "legal_person", "licence_paper_id", "licence_until"),
            *("brand", "trademark_number", "authorisation_paper_id"),
            *("authorisation_from", "authorisation_until"),
        )
    ]


async def move(
    tx: Tx,
    before: Application,
    to: ApplicationState,
    *,
    actor: str,
    actor_id: AccountId | None,
    now: datetime,
    note: str = "",
    submitted_at: datetime | None = None,
    due_at: datetime | None = None,
    claimed_by: AccountId | None = None,
    decided_by: AccountId | None = None,
    is_decided: bool = False,
    findings: list[dict[str, Any]] | None = None,
    problems: list[dict[str, Any]] | None = None,
) -> Application:
    """Bring a held application to ``to`` and write the step."""
    row = await tx.fetchrow(
        _MOVE,
        cell_of(before.id),
        before.id,
        to,
        now,
        submitted_at,
        due_at,
        claimed_by,
        now if claimed_by else None,
        decided_by,
        now if is_decided else None,
        findings,
        problems,
        note,
        [before.state],
    )
    assert row, f"application {before.id} was not held in {before.state}"
    after = _application(row)
    step = (cell_of(after.id), after.id, after.version, after.state, actor, actor_id, note, now)
    await tx.execute(_STEP, *step)
    return after


async def is_taken(tx: Tx, number: str, owner_id: AccountId) -> bool:
    """Whether another owner's shop stands under a number; others who ask wait until ``tx`` ends."""
    await tx.execute(_HOLD_NUMBER, number)
    return bool(await tx.fetchval(_TAKEN, cell_for(number), number, owner_id))


async def register(
    tx: Tx, number: str, owner_id: AccountId, shop_id: ShopId, *, now: datetime
) -> None:
    await tx.execute(_REGISTER, cell_for(number), number, owner_id, shop_id, now)


async def hand_over(tx: Tx, shop_id: ShopId, owner_id: AccountId) -> None:
    """The numbers a shop was approved under are its new owner's."""
    await tx.execute(_HAND_OVER, shop_id, owner_id)


async def count_of_kind(tx: Tx, owner_id: AccountId, kind: ShopKind, *, but: ShopId) -> int:
    """Shops of a kind the account owns that are not closed, without ``but``."""
    return int(await tx.fetchval(_OWNED, owner_id, kind, but))


async def approve_shop(
    tx: Tx,
    shop_id: ShopId,
    kind: ShopKind,
    licence: dict[str, str],
    sales_limit_minor: int | None,
    *,
    now: datetime,
) -> None:
    """A shop that was getting ready opens; others keep their state."""
    await tx.execute(_APPROVE, cell_of(shop_id), shop_id, kind, licence, sales_limit_minor, now)


def _application(row: Row) -> Application:
    papers = Papers(kind=ShopKind(row["kind"]), **{name: row[name] for name in _KEPT})
    names = {it.name for it in fields(Application)} - {"papers", "state"}
    facts = {name: row[name] for name in names}
    return Application(**facts, papers=papers, state=ApplicationState(row["state"]))
