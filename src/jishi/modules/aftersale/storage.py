"""Cases in PostgreSQL. With sql/ the only file that writes the tables of this module."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
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
SELECT id FROM aftersale_case WHERE cell = $1 AND order_id = $2 AND deadline IS NOT NULL
    AND ($3::bigint IS NULL OR buyer_id = $3)
ORDER BY id
"""
_PARCELS: Final = """
INSERT INTO aftersale_parcel (cell, case_id, direction, carrier, waybill, sku_id, quantity, actor_id, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_RECEIVED: Final = """
UPDATE aftersale_parcel SET received_at = $4 WHERE cell = $1 AND case_id = $2 AND direction = $3
    AND received_at IS NULL
"""
_RULING: Final = """
INSERT INTO aftersale_ruling (cell, case_id, round, operator_id, decision, amount_minor, goods_back,
    rule_code, rule_version, reasons, ruled_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_SAY: Final = """
INSERT INTO aftersale_message (cell, case_id, side, account_id, text, pictures, said_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
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
    rows = await tx.fetch(_INSERT, [{"cell": cell_of(case.id), **_plain(case)} for case in cases])
    return {row["id"] for row in rows}


async def lock_cases(tx: Tx, case_ids: Sequence[CaseId]) -> dict[CaseId, Case]:
    """Held until ``tx`` ends; the caller holds their orders already."""
    return {row["id"]: case_of(row) for row in await tx.fetch(_LOCK, list(case_ids))}


async def find_case(tx: Tx, case_id: CaseId) -> Case | None:
    row = await tx.fetchrow(_FIND, cell_of(case_id), case_id)
    return case_of(row) if row else None


async def save_cases(tx: Tx, cases: Sequence[Case]) -> None:
    """The caller holds them through ``lock_cases``; each is one version further."""
    saved = await tx.fetchval(_SAVE, [{"cell": cell_of(case.id), **_plain(case)} for case in cases])
    assert saved == len(cases), f"{saved} of {len(cases)} cases were as they had been read"


async def note_steps(tx: Tx, steps: Sequence[tuple[CaseId, Step]]) -> None:
    rows = [
        {"cell": cell_of(case_id), "case_id": case_id, **_plain(step)} for case_id, step in steps
    ]
    await tx.execute(_NOTE, rows)


async def keep_parcel(tx: Tx, case_id: CaseId, it: Parcel) -> None:
    what = (it.direction, it.carrier, it.waybill, it.sku_id, it.quantity, it.actor_id, it.sent_at)
    await tx.execute(_PARCELS, cell_of(case_id), case_id, *what)


async def mark_received(tx: Tx, case_id: CaseId, direction: str, *, at: datetime) -> None:
    await tx.execute(_RECEIVED, cell_of(case_id), case_id, direction, at)


async def keep_ruling(tx: Tx, case_id: CaseId, it: Ruling) -> None:
    said = (it.rule_code, it.rule_version, it.reasons, it.ruled_at)
    what = (it.round, it.operator_id, it.decision.value, it.amount_minor, it.goods_back)
    await tx.execute(_RULING, cell_of(case_id), case_id, *what, *said)


async def say(
    tx: Tx,
    case_id: CaseId,
    side: Side,
    account_id: AccountId,
    text: str,
    pictures: Sequence[int],
    *,
    at: datetime,
) -> None:
    owner = (cell_of(case_id), case_id, side.value, account_id)
    await tx.execute(_SAY, *owner, text, list(pictures), at)


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
    tx: Tx, order_id: OrderId, buyer_id: AccountId | None = None
) -> list[CaseId]:
    return [row["id"] for row in await tx.fetch(_OPEN_OF, cell_of(order_id), order_id, buyer_id)]


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


async def find_address(tx: Tx, shop_id: ShopId) -> ReturnAddress | None:
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


def _plain(value: Any) -> dict[str, Any]:
    return asdict(value)
