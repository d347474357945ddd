"""Withdrawals in PostgreSQL, for the flow that moves them together with the ledger. Decides nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import ShopId, cell_of
from jishi.modules.payouts.types import State, Step, Taken, Withdrawal

_COLUMNS: Final = (
    "id, shop_id, account_id, amount_minor, state, needs_second, needs_operator, prepared_by, "
    "asked_by, seconded_by, passed_by, provider, provider_ref, why, attempts, last_error, "
    "prepared_at, asked_at, approved_at, sent_at, ended_at, returned_at, retry_at"
)
_TAKEN: Final = """
SELECT count(*)::int AS times, coalesce(sum(amount_minor), 0)::bigint AS minor FROM withdrawal
WHERE cell = $1 AND shop_id = $2 AND asked_at >= $3 AND state NOT IN ('failed', 'returned', 'refused')
"""
_BY_KEY: Final = f"""
SELECT {_COLUMNS} FROM withdrawal WHERE cell = $1 AND shop_id = $2 AND request_key = $3
"""
_ONE: Final = f"""
SELECT {_COLUMNS} FROM withdrawal WHERE cell = $1 AND id = $2 AND ($3::bigint IS NULL OR shop_id = $3)
"""
_LOCK: Final = f"{_ONE} FOR NO KEY UPDATE"
_OF_SHOP: Final = f"""
SELECT {_COLUMNS} FROM withdrawal WHERE cell = $1 AND shop_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4
"""
_ADD: Final = """
INSERT INTO withdrawal (cell, id, shop_id, account_id, amount_minor, state, request_key, prepared_by,
    prepared_at, provider)
VALUES ($1, $2, $3, $4, $5, 'prepared', $6, $7, $8, $9)
"""
_SAVE_ASKED: Final = """
UPDATE withdrawal SET state = $3::text, asked_by = $4, asked_at = $5::timestamptz, needs_second = $6,
    needs_operator = $7, seconded_by = $8,
    approved_at = CASE WHEN $3::text = 'approved' THEN $5::timestamptz END,
    retry_at = CASE WHEN $3::text = 'approved' THEN $5::timestamptz END
WHERE cell = $1 AND id = $2 AND state = 'prepared'
"""
_SAVE_APPROVED: Final = """
UPDATE withdrawal SET seconded_by = coalesce($3::bigint, seconded_by),
    passed_by = coalesce($4::bigint, passed_by),
    state = CASE WHEN $5::boolean THEN 'approved' ELSE state END,
    approved_at = CASE WHEN $5::boolean THEN $6::timestamptz END,
    retry_at = CASE WHEN $5::boolean THEN $6::timestamptz END
WHERE cell = $1 AND id = $2 AND state = 'asked'
"""
_SAVE_REFUSED: Final = """
UPDATE withdrawal w SET state = 'refused', why = $2, ended_at = $3, retry_at = NULL
FROM unnest($1::bigint[]) i(id)
WHERE w.cell = cell_of(i.id) AND w.id = i.id AND w.state IN ('prepared', 'asked', 'approved')
"""
_STEPS: Final = """
SELECT step, actor, actor_id, why, occurred_at FROM withdrawal_step
WHERE cell = $1 AND withdrawal_id = $2 ORDER BY position LIMIT 50
"""
_ADD_STEPS: Final = """
INSERT INTO withdrawal_step (cell, withdrawal_id, step, actor, actor_id, why, occurred_at)
SELECT cell_of(s.id), s.id, s.step, s.actor, s.actor_id, s.why, s.at
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
    s(id, step, actor, actor_id, why, at)
"""
_WAKE: Final = """
UPDATE withdrawal SET retry_at = $3 WHERE cell = $1 AND id = $2 AND state IN ('sent', 'paid')
"""
_CLAIM: Final = load_sql(__package__, "claim_due")
_SAVE_ANSWERS: Final = load_sql(__package__, "save_answers")
_LAPSED: Final = f"""
SELECT {_COLUMNS} FROM withdrawal WHERE state IN ('prepared', 'asked') AND prepared_at < $1
ORDER BY cell, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""


StepRow = tuple[int, str, str, int | None, str, datetime]


async def taken_since(tx: Tx, shop_id: ShopId, since: datetime) -> Taken:
    row = await tx.fetchrow(_TAKEN, cell_of(shop_id), shop_id, since)
    return Taken(times=row["times"], minor=row["minor"])


async def find_by_key(tx: Tx, shop_id: ShopId, key: str) -> Withdrawal | None:
    row = await tx.fetchrow(_BY_KEY, cell_of(shop_id), shop_id, key)
    return withdrawal_of(row) if row else None


async def find(tx: Tx, shop_id: ShopId | None, withdrawal_id: int) -> Withdrawal | None:
    row = await tx.fetchrow(_ONE, cell_of(withdrawal_id), withdrawal_id, shop_id)
    return withdrawal_of(row) if row else None


async def lock(tx: Tx, shop_id: ShopId | None, withdrawal_id: int) -> Withdrawal | None:
    """The withdrawal, held against change until ``tx`` ends."""
    row = await tx.fetchrow(_LOCK, cell_of(withdrawal_id), withdrawal_id, shop_id)
    return withdrawal_of(row) if row else None


async def list_of_shop(tx: Tx, shop_id: ShopId, *, before: int, limit: int) -> list[Withdrawal]:
    rows = await tx.fetch(_OF_SHOP, cell_of(shop_id), shop_id, before, limit)
    return [withdrawal_of(row) for row in rows]


async def add(tx: Tx, withdrawal_id: int, facts: Sequence[Any]) -> None:
    """``facts``: shop, account, amount, key, who, when, provider."""
    await tx.execute(_ADD, cell_of(withdrawal_id), withdrawal_id, *facts)


async def save_asked(tx: Tx, withdrawal_id: int, facts: Sequence[Any]) -> None:
    """``facts``: state, who asked, when, needs a second, needs an operator, who seconded."""
    await _one(tx, _SAVE_ASKED, withdrawal_id, *facts)


async def save_approved(
    tx: Tx,
    withdrawal_id: int,
    *,
    seconded_by: int | None,
    passed_by: int | None,
    whole: bool,
    now: datetime,
) -> None:
    await _one(tx, _SAVE_APPROVED, withdrawal_id, seconded_by, passed_by, whole, now)


async def save_refused(tx: Tx, ids: Sequence[int], *, why: str, now: datetime) -> None:
    """Refuse withdrawals the caller holds."""
    done = await tx.execute(_SAVE_REFUSED, list(ids), why, now)
    assert done == f"UPDATE {len(ids)}", f"not all were held in their states: {done}"


async def _one(tx: Tx, statement: str, withdrawal_id: int, *facts: Any) -> None:
    """Change one withdrawal the caller holds."""
    done = await tx.execute(statement, cell_of(withdrawal_id), withdrawal_id, *facts)
    assert done == "UPDATE 1", f"withdrawal {withdrawal_id} was not held in its state: {done}"


async def steps_of(tx: Tx, withdrawal_id: int) -> list[Step]:
    rows = await tx.fetch(_STEPS, cell_of(withdrawal_id), withdrawal_id)
    return [Step(**row) for row in rows]


async def add_steps(tx: Tx, rows: Sequence[StepRow]) -> None:
    """``rows``: withdrawal, step, actor, who, why, when."""
    if rows:
        await tx.execute(_ADD_STEPS, *[list(column) for column in zip(*rows, strict=True)])


async def wake(tx: Tx, withdrawal_id: int, *, now: datetime) -> None:
    """Ask the provider about it next; nothing for one the provider has not, or that has ended."""
    await tx.execute(_WAKE, cell_of(withdrawal_id), withdrawal_id, now)


async def claim_due(
    tx: Tx, *, now: datetime, until: datetime, limit: int
) -> list[tuple[Withdrawal, State]]:
    """Withdrawals to be taken up with their provider, each with the state it was in before."""
    rows = await tx.fetch(_CLAIM, now, until, limit)
    return [(withdrawal_of(row), State(row["state_before"])) for row in rows]


async def save_answers(
    tx: Tx,
    rows: Sequence[tuple[int, str, str | None, str, str | None, datetime | None]],
    *,
    now: datetime,
) -> list[Withdrawal]:
    """``rows``: withdrawal, state it becomes, reference, why, error, when to ask again.

    Those whose state changed by this, as they are now.
    """
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    return [withdrawal_of(row) for row in await tx.fetch(_SAVE_ANSWERS, *columns, now)]


async def lock_lapsed(tx: Tx, *, before: datetime, limit: int) -> list[Withdrawal]:
    return [withdrawal_of(row) for row in await tx.fetch(_LAPSED, before, limit)]


def withdrawal_of(row: Row) -> Withdrawal:
    facts = {name: row[name] for name in _FIELDS}
    return Withdrawal(**{**facts, "state": State(row["state"])})


_FIELDS: Final = tuple(name.strip() for name in _COLUMNS.split(","))
