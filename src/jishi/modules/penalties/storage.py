"""Cases in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from jishi.db import Row, Tx
from jishi.kit.ids import AccountId, ShopId, cell_of
from jishi.modules.penalties.types import (
    MOVES,
    Case,
    CaseId,
    CaseState,
    Evidence,
    NewCase,
    Penalty,
    PenaltyKind,
    ShopRule,
)

_RULES: Final = """
SELECT * FROM shop_rule WHERE ($1::text IS NULL OR code = $1) AND ($2::int IS NULL OR version = $2)
ORDER BY code, version DESC LIMIT 500
"""
_RULE_OF_DAY: Final = """
SELECT * FROM shop_rule
WHERE code = $1 AND in_force_from <= $2 AND (in_force_until IS NULL OR in_force_until > $2)
ORDER BY version DESC LIMIT 1
"""
_INSERT: Final = """
INSERT INTO violation (cell, id, shop_id, rule_code, rule_version, state, statement, opened_by, opened_at,
    takes_effect_at, clock_at)
VALUES ($1, $2, $3, $4, $5, 'announced', $6, $7, $8, $9, $9)
"""
_PENALTIES: Final = """
INSERT INTO violation_penalty (cell, violation_id, position, shop_id, kind, amount, days, product_id, state)
SELECT $1, $2, p.at, $3, p.kind, p.amount, p.days, p.product_id, 'proposed'
FROM unnest($4::text[], $5::bigint[], $6::int[], $7::bigint[])
    WITH ORDINALITY p (kind, amount, days, product_id, at)
"""
_EVIDENCE: Final = """
INSERT INTO violation_evidence (cell, violation_id, position, side, kind, subject_id, text, added_by,
    added_at)
SELECT $1, $2, e.at + (SELECT count(*) FROM violation_evidence v WHERE v.cell = $1 AND v.violation_id = $2),
    $3, e.kind, e.subject_id, e.text, $4, $5
FROM unnest($6::text[], $7::bigint[], $8::text[]) WITH ORDINALITY e (kind, subject_id, text, at)
"""
_STEP: Final = """
INSERT INTO violation_step (cell, violation_id, version, state, actor, actor_id, note, occurred_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_FIND: Final = "SELECT * FROM violation WHERE cell = $1 AND id = $2"
_LOCK: Final = "SELECT * FROM violation WHERE cell = $1 AND id = $2 FOR NO KEY UPDATE"
_PENALTIES_OF: Final = """
SELECT position, kind, amount, days, product_id, state, ends_at, from_deposit_minor, owed_minor
FROM violation_penalty WHERE cell = $1 AND violation_id = $2 ORDER BY position
"""
_SAVE: Final = """
UPDATE violation SET (state, answer, answered_by, answered_at, rule_by, ruled_by, ruled_at, ruling,
    appeal_until, appeal, appealed_by, appealed_at, judge_by, judged_by, judged_at, judgement, clock_at,
    version)
    = ($4, $5, coalesce($6, answered_by), $7, $8, $9, $10, $11, $12, $13, coalesce($14, appealed_by),
    $15, $16, $17, $18, $19, $20, version + 1)
WHERE cell = $1 AND id = $2 AND version = $3 AND state = ANY ($21::text[])
"""
_TAKE_EFFECT: Final = """
UPDATE violation_penalty SET state = 'in_force',
    ends_at = CASE WHEN days > 0 THEN $3::timestamptz + days * interval '1 day' END
WHERE cell = $1 AND violation_id = $2 AND state = 'proposed'
"""
_END_ALL: Final = """
UPDATE violation_penalty SET state = $3 WHERE cell = $1 AND violation_id = $2 AND state = ANY ($4::text[])
"""
_SET_OWED: Final = """
UPDATE violation_penalty SET from_deposit_minor = $4, owed_minor = $5
WHERE cell = $1 AND violation_id = $2 AND position = $3
"""
_DUE: Final = """
SELECT cell, id FROM violation WHERE clock_at <= $1 ORDER BY clock_at, id LIMIT $2
"""
_ENDING: Final = """
UPDATE violation_penalty p SET state = 'ended'
FROM (SELECT cell, violation_id, position FROM violation_penalty
      WHERE state = 'in_force' AND ends_at <= $1 ORDER BY ends_at, violation_id LIMIT $2
      FOR NO KEY UPDATE SKIP LOCKED) d
WHERE p.cell = d.cell AND p.violation_id = d.violation_id AND p.position = d.position
RETURNING p.violation_id, p.shop_id, p.kind
"""
_LISTING_LIMIT: Final = """
SELECT min(amount) FROM violation_penalty
WHERE cell = $1 AND shop_id = $2 AND kind = 'listing_limit' AND state = 'in_force'
    AND (ends_at IS NULL OR ends_at > $3)
"""
_POINTS: Final = """
SELECT coalesce(sum(p.amount), 0)::bigint FROM violation_penalty p
JOIN violation v ON v.cell = p.cell AND v.id = p.violation_id
WHERE p.cell = $1 AND p.shop_id = $2 AND p.kind = 'points' AND p.state = 'in_force' AND v.ruled_at > $3
"""
_POINTS_OF_OWNER: Final = """
SELECT coalesce(sum(p.amount) FILTER (WHERE p.kind = 'points' AND v.ruled_at > $2), 0)::bigint AS points,
    coalesce(bool_or(p.kind = 'closure'), false) AS was_closed
FROM shop_staff m
JOIN violation_penalty p ON p.cell = m.cell AND p.shop_id = m.shop_id AND p.state = 'in_force'
    AND p.kind IN ('points', 'closure')
JOIN violation v ON v.cell = p.cell AND v.id = p.violation_id
WHERE m.account_id = $1 AND m.role = 'owner'
"""
_HAS_OPEN: Final = """
SELECT EXISTS (SELECT FROM violation WHERE cell = $1 AND shop_id = $2
    AND state IN ('announced', 'answered', 'in_force', 'appealed'))
"""
_COUNT_SIDE: Final = """
SELECT count(*) FROM violation_evidence WHERE cell = $1 AND violation_id = $2 AND side = $3
"""


async def rules(tx: Tx, code: str | None = None, version: int | None = None) -> list[ShopRule]:
    return [ShopRule(**row) for row in await tx.fetch(_RULES, code, version)]


async def rule_of_day(tx: Tx, code: str, day: date) -> ShopRule | None:
    row = await tx.fetchrow(_RULE_OF_DAY, code, day)
    return ShopRule(**row) if row else None


async def insert_case(
    tx: Tx,
    case_id: CaseId,
    case: NewCase,
    rule: ShopRule,
    *,
    opened_by: AccountId,
    takes_effect_at: datetime,
    now: datetime,
) -> None:
    cell = cell_of(case_id)
    mine = (cell, case_id, case.shop_id, rule.code, rule.version)
    await tx.execute(_INSERT, *mine, case.statement, opened_by, now, takes_effect_at)
    await tx.execute(
        _PENALTIES,
        *(cell, case_id, case.shop_id),
        [it.kind for it in case.penalties],
        [it.amount for it in case.penalties],
        [it.days for it in case.penalties],
        [it.product_id for it in case.penalties],
    )
    await add_evidence(tx, case_id, case.evidence, side="market", by=opened_by, now=now)
    step = (cell, case_id, 1, CaseState.ANNOUNCED, "operator", opened_by, case.statement, now)
    await tx.execute(_STEP, *step)


async def add_evidence(
    tx: Tx,
    case_id: CaseId,
    evidence: Sequence[Evidence],
    *,
    side: str,
    by: AccountId,
    now: datetime,
) -> None:
    await tx.execute(
        _EVIDENCE,
        *(cell_of(case_id), case_id, side, by, now),
        [it.kind for it in evidence],
        [it.subject_id for it in evidence],
        [it.text for it in evidence],
    )


async def count_evidence(tx: Tx, case_id: CaseId, side: str) -> int:
    return int(await tx.fetchval(_COUNT_SIDE, cell_of(case_id), case_id, side))


async def find_case(tx: Tx, case_id: CaseId) -> Case | None:
    return await _case(tx, await tx.fetchrow(_FIND, cell_of(case_id), case_id))


async def lock_case(tx: Tx, case_id: CaseId) -> Case | None:
    """The case, held against change until ``tx`` ends."""
    return await _case(tx, await tx.fetchrow(_LOCK, cell_of(case_id), case_id))


async def save(
    tx: Tx,
    it: Case,
    *,
    actor: str,
    actor_id: AccountId | None,
    note: str,
    clock_at: datetime | None,
    now: datetime,
) -> None:
    """Write a held case as it has become, and the step."""
    shop_actor = actor_id if actor == "shop" else None
    answered_by = shop_actor if it.state is CaseState.ANSWERED else None
    appealed_by = shop_actor if it.state is CaseState.APPEALED else None
    done = await tx.execute(
        _SAVE,
        *(cell_of(it.id), it.id, it.version, it.state, it.answer, answered_by, it.answered_at),
        *(it.rule_by, it.ruled_by, it.ruled_at, it.ruling, it.appeal_until, it.appeal),
        *(appealed_by, it.appealed_at, it.judge_by, it.judged_by, it.judged_at, it.judgement),
        clock_at,
        [source for source, targets in MOVES.items() if it.state in targets],
    )
    assert done == "UPDATE 1", f"case {it.id} could not come to {it.state} at version {it.version}"
    step = (cell_of(it.id), it.id, it.version + 1, it.state, actor, actor_id, note, now)
    await tx.execute(_STEP, *step)


async def put_in_force(tx: Tx, case_id: CaseId, *, now: datetime) -> None:
    await tx.execute(_TAKE_EFFECT, cell_of(case_id), case_id, now)


async def end_all(tx: Tx, case_id: CaseId, to: str, sources: Sequence[str]) -> None:
    await tx.execute(_END_ALL, cell_of(case_id), case_id, to, list(sources))


async def set_owed(
    tx: Tx, case_id: CaseId, position: int, *, from_deposit_minor: int, owed_minor: int
) -> None:
    await tx.execute(_SET_OWED, cell_of(case_id), case_id, position, from_deposit_minor, owed_minor)


async def due(tx: Tx, *, now: datetime, limit: int) -> list[CaseId]:
    return [CaseId(row["id"]) for row in await tx.fetch(_DUE, now, limit)]


async def end_due(tx: Tx, *, now: datetime, limit: int) -> list[Row]:
    return list(await tx.fetch(_ENDING, now, limit))


async def listing_limit(tx: Tx, shop_id: ShopId, *, now: datetime) -> int | None:
    found: int | None = await tx.fetchval(_LISTING_LIMIT, cell_of(shop_id), shop_id, now)
    return found


async def points(tx: Tx, shop_id: ShopId, *, since: datetime) -> int:
    return int(await tx.fetchval(_POINTS, cell_of(shop_id), shop_id, since))


async def points_of_owner(tx: Tx, owner_id: AccountId, *, since: datetime) -> tuple[int, bool]:
    row = await tx.fetchrow(_POINTS_OF_OWNER, owner_id, since)
    assert row
    return int(row["points"]), bool(row["was_closed"])


async def has_open(tx: Tx, shop_id: ShopId) -> bool:
    return bool(await tx.fetchval(_HAS_OPEN, cell_of(shop_id), shop_id))


async def _case(tx: Tx, row: Row | None) -> Case | None:
    if row is None:
        return None
    rows = await tx.fetch(_PENALTIES_OF, row["cell"], row["id"])
    penalties = tuple(Penalty(**{**it, "kind": PenaltyKind(it["kind"])}) for it in rows)
    names = {it.name for it in fields(Case)} - {"penalties", "state"}
    facts: dict[str, Any] = {name: row[name] for name in names}
    return Case(**facts, penalties=penalties, state=CaseState(row["state"]))
