"""Cases in PostgreSQL. With sql/ the only file that writes the tables of this module."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import AccountId, CaseId, OrderId, ShopId, cell_of
from jishi.modules.aftersale.rules import Moved
from jishi.modules.aftersale.types import (
    Case,
    CaseKind,
    CaseState,
    Decision,
    Message,
    Parcel,
    ReturnAddress,
    Ruling,
    Side,
    Stage,
    Step,
)

_INSERT: Final = load_sql(__package__, "insert_cases")
_SAVE: Final = load_sql(__package__, "save_cases")
_NOTE: Final = load_sql(__package__, "note_steps")
_LOCK: Final = """
SELECT c.* FROM (SELECT DISTINCT id FROM unnest($1::bigint[]) i(id)) i
JOIN aftersale_case c ON c.cell = cell_of(i.id) AND c.id = i.id
ORDER BY c.cell, c.id FOR NO KEY UPDATE OF c
"""
_FIND: Final = "SELECT * FROM aftersale_case WHERE cell = $1 AND id = $2"
_DUE: Final = """
SELECT id FROM aftersale_case WHERE deadline <= $1 ORDER BY deadline, id LIMIT $2
"""
_OPEN_OF: Final = """
SELECT c.id FROM unnest($1::bigint[]) i(id)
JOIN aftersale_case c ON c.cell = cell_of(i.id) AND c.order_id = i.id AND c.deadline IS NOT NULL
WHERE $2::bigint IS NULL OR c.buyer_id = $2
ORDER BY c.id
"""
_KEEP_PARCELS: Final = """
INSERT INTO aftersale_parcel SELECT n.* FROM jsonb_populate_recordset(NULL::aftersale_parcel, $1) n
"""
_MARK_RECEIVED: Final = """
UPDATE aftersale_parcel p SET received_at = i.at
FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) i(id, direction, at)
WHERE p.cell = cell_of(i.id) AND p.case_id = i.id AND p.direction = i.direction AND p.received_at IS NULL
"""
_KEEP_RULINGS: Final = """
INSERT INTO aftersale_ruling SELECT n.* FROM jsonb_populate_recordset(NULL::aftersale_ruling, $1) n
"""
_SAY: Final = """
INSERT INTO aftersale_message (cell, case_id, side, account_id, text, pictures, said_at)
SELECT n.cell, n.case_id, n.side, n.account_id, n.text, n.pictures, n.said_at
FROM jsonb_populate_recordset(NULL::aftersale_message, $1) n
"""
_SAID: Final = (
    "SELECT count(*) FROM aftersale_message WHERE cell = $1 AND case_id = $2 AND side = $3"
)
_CLAIM: Final = """
UPDATE aftersale_case SET claimed_by = $3, claimed_at = $4 WHERE cell = $1 AND id = $2
"""
_STEPS: Final = (
    "SELECT * FROM aftersale_step WHERE cell = $1 AND case_id = $2 ORDER BY version DESC"
)
_MESSAGES: Final = """
SELECT position, side, account_id, text, pictures, said_at FROM aftersale_message
WHERE cell = $1 AND case_id = $2 ORDER BY position DESC LIMIT 300
"""
_RULINGS: Final = "SELECT * FROM aftersale_ruling WHERE cell = $1 AND case_id = $2 ORDER BY round"
_CASE_PARCELS: Final = (
    "SELECT * FROM aftersale_parcel WHERE cell = $1 AND case_id = $2 ORDER BY sent_at"
)
_ADDRESS: Final = (
    "SELECT receiver, phone, address FROM shop_return_address WHERE cell = $1 AND shop_id = $2"
)
_SET_ADDRESS: Final = """
INSERT INTO shop_return_address (cell, shop_id, receiver, phone, address, updated_by, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (cell, shop_id) DO UPDATE SET receiver = excluded.receiver, phone = excluded.phone,
    address = excluded.address, updated_by = excluded.updated_by, updated_at = excluded.updated_at
"""
_SHOWN_IN: Final = """
SELECT EXISTS (SELECT FROM aftersale_message WHERE cell = $1 AND case_id = $2 AND $3::bigint = ANY (pictures))
"""


async def insert_cases(tx: Tx, cases: Sequence[Case]) -> set[CaseId]:
    """Those that were opened; one missing has an open case on its line already."""
    rows = await tx.fetch(_INSERT, [{"cell": cell_of(case.id), **asdict(case)} for case in cases])
    return {row["id"] for row in rows}


async def lock_cases(tx: Tx, case_ids: Sequence[CaseId]) -> dict[CaseId, Case]:
    """Held until ``tx`` ends; the caller holds their orders already."""
    return {row["id"]: case_of(row) for row in await tx.fetch(_LOCK, list(case_ids))}


async def find_case(tx: Tx, case_id: CaseId) -> Case | None:
    row = await tx.fetchrow(_FIND, cell_of(case_id), case_id)
    return case_of(row) if row else None


async def save_cases(tx: Tx, cases: Sequence[Case]) -> None:
    """The caller holds them through ``lock_cases``; each is one version further."""
    saved = await tx.fetchval(_SAVE, [{"cell": cell_of(case.id), **asdict(case)} for case in cases])
    assert saved == len(cases), f"{saved} of {len(cases)} cases were as they had been read"


async def note_steps(tx: Tx, steps: Sequence[tuple[CaseId, Step]]) -> None:
    await tx.execute(_NOTE, [_row(case_id, step) for case_id, step in steps])


async def keep_parcels(tx: Tx, parcels: Sequence[tuple[CaseId, Parcel]]) -> None:
    if parcels:
        await tx.execute(_KEEP_PARCELS, [_row(case_id, it) for case_id, it in parcels])


async def mark_received(tx: Tx, received: Sequence[tuple[CaseId, str, datetime]]) -> None:
    """``(case, back or out, when)`` each."""
    if received:
        await tx.execute(_MARK_RECEIVED, *columns(received))


async def keep_rulings(tx: Tx, rulings: Sequence[tuple[CaseId, Ruling]]) -> None:
    if rulings:
        await tx.execute(_KEEP_RULINGS, [_row(case_id, it) for case_id, it in rulings])


async def say(
    tx: Tx, said: Sequence[tuple[CaseId, Side, AccountId, str, Sequence[int], datetime]]
) -> None:
    """``(case, side, account, text, pictures, when)`` each."""
    names = ("side", "account_id", "text", "pictures", "said_at")
    rows = [
        {"cell": cell_of(case_id), "case_id": case_id, **dict(zip(names, rest, strict=True))}
        for case_id, *rest in said
    ]
    if rows:
        await tx.execute(_SAY, rows)


async def count_said(tx: Tx, case_id: CaseId, side: Side) -> int:
    return int(await tx.fetchval(_SAID, cell_of(case_id), case_id, side.value))


async def set_claim(
    tx: Tx, case_id: CaseId, operator_id: AccountId | None, at: datetime | None
) -> None:
    await tx.execute(_CLAIM, cell_of(case_id), case_id, operator_id, at)


async def due_cases(tx: Tx, *, now: datetime, limit: int) -> list[CaseId]:
    """Cases whose clock has run out, the longest overdue first."""
    return [row["id"] for row in await tx.fetch(_DUE, now, limit)]


async def open_cases_of(
    tx: Tx, order_ids: Sequence[OrderId], buyer_id: AccountId | None = None
) -> list[CaseId]:
    return [row["id"] for row in await tx.fetch(_OPEN_OF, order_ids, buyer_id)]


async def steps_of(tx: Tx, case_id: CaseId) -> list[Step]:
    """The newest first."""
    return [_step(row) for row in await tx.fetch(_STEPS, cell_of(case_id), case_id)]


async def messages_of(tx: Tx, case_id: CaseId) -> list[Message]:
    """The oldest first, at most the newest 300."""
    rows = await tx.fetch(_MESSAGES, cell_of(case_id), case_id)
    return [Message(**{**row, "side": Side(row["side"])}) for row in reversed(rows)]


async def rulings_of(tx: Tx, case_id: CaseId) -> list[Ruling]:
    return [ruling_of(row) for row in await tx.fetch(_RULINGS, cell_of(case_id), case_id)]


async def parcels_of(tx: Tx, case_id: CaseId) -> list[Parcel]:
    rows = await tx.fetch(_CASE_PARCELS, cell_of(case_id), case_id)
    return [
        Parcel(**{k: v for k, v in row.items() if k not in {"cell", "case_id"}}) for row in rows
    ]


async def return_address(tx: Tx, shop_id: ShopId) -> ReturnAddress | None:
    row = await tx.fetchrow(_ADDRESS, cell_of(shop_id), shop_id)
    return ReturnAddress(**row) if row else None


async def set_address(
    tx: Tx, shop_id: ShopId, it: ReturnAddress, *, by: AccountId, now: datetime
) -> None:
    what = (it.receiver, it.phone, it.address, by, now)
    await tx.execute(_SET_ADDRESS, cell_of(shop_id), shop_id, *what)


async def is_shown_in(tx: Tx, case_id: CaseId, paper_id: int) -> bool:
    return bool(await tx.fetchval(_SHOWN_IN, cell_of(case_id), case_id, paper_id))


def case_of(row: Row) -> Case:
    facts = {name: value for name, value in row.items() if name in Case.__dataclass_fields__}
    return Case(
        **{
            **facts,
            "kind": CaseKind(row["kind"]),
            "stage": Stage(row["stage"]),
            "state": CaseState(row["state"]),
            "appealed_by": Side(row["appealed_by"]) if row["appealed_by"] else None,
        }
    )


def ruling_of(row: Row) -> Ruling:
    facts = {name: value for name, value in row.items() if name in Ruling.__dataclass_fields__}
    return Ruling(**{**facts, "decision": Decision(row["decision"])})


def step_of(moved: Moved, *, actor: Side, actor_id: AccountId | None, text: str) -> Step:
    """The line of the journal that a move writes."""
    case = moved.case
    return Step(
        version=case.version,
        state=case.state,
        actor=actor,
        actor_id=actor_id,
        why=moved.why,
        text=text,
        amount_minor=moved.amount_minor,
        occurred_at=case.moved_at,
    )


def _step(row: Row) -> Step:
    facts = {name: value for name, value in row.items() if name in Step.__dataclass_fields__}
    return Step(**{**facts, "state": CaseState(row["state"]), "actor": Side(row["actor"])})


def _row(case_id: CaseId, of_case: Parcel | Ruling | Step) -> dict[str, Any]:
    return {"cell": cell_of(case_id), "case_id": case_id, **asdict(of_case)}
