"""Checks and differences in PostgreSQL; the tables are those of ``payments``."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.flows.reconcile import rules
from jishi.flows.reconcile.types import CheckHead, Difference, Ours, Totals, What
from jishi.kit.errors import NotFound
from jishi.kit.paging import Page, decode_cursor, id_below, page_of
from jishi.modules.payments import Bill

_OURS: Final = load_sql(__package__, "ours")
_OPEN: Final = load_sql(__package__, "open_check")
_TOTALS: Final = load_sql(__package__, "save_totals")
_DIFFERENCES: Final = load_sql(__package__, "save_differences")
_EXPLAIN: Final = load_sql(__package__, "explain_difference")
_LIST_CHECKS: Final = load_sql(__package__, "checks")
_LIST: Final = load_sql(__package__, "differences")
_CHECK: Final = "SELECT * FROM bill_check WHERE cell = 0 AND id = $1"
_COUNTS: Final = """
SELECT state, count(*) AS count FROM bill_difference WHERE cell = 0 AND check_id = $1 GROUP BY state
"""
DIFFERENCES_MAX: Final = 2_000_000


async def list_ours(tx: Tx, bill: Bill) -> list[Ours]:
    """What of ours the bill is about, and what its day should have."""
    begins, ends = rules.day_bounds(bill.day, bill.zone)
    payment_ids = [row.payment_id for row in bill.rows if row.payment_id is not None]
    refund_ids = [row.refund_id for row in bill.rows if row.refund_id is not None]
    payout_ids = [row.payout_id for row in bill.rows if row.payout_id is not None]
    rows = await tx.fetch(_OURS, bill.provider, begins, ends, payment_ids, refund_ids, payout_ids)
    return [Ours(**{**row, "what": What(row["what"])}) for row in rows]


async def open_check(tx: Tx, head: CheckHead, *, fresh_id: int, now: datetime) -> tuple[int, bool]:
    """The id of the file's check, held until ``tx`` ends, and whether it is new."""
    row = await tx.fetchrow(_OPEN, fresh_id, *astuple(head), now)
    assert row
    return row["id"], row["is_new"]


async def save_totals(tx: Tx, check_id: int, totals: Totals) -> None:
    await tx.execute(_TOTALS, check_id, *astuple(totals))


async def save_differences(
    tx: Tx, check_id: int, bill: Bill, found: Sequence[Difference], *, now: datetime
) -> None:
    assert len(found) <= DIFFERENCES_MAX
    rows = [(*astuple(it), rules.opening_state(it)) for it in found]
    sides: list[list[object]] = [list(side) for side in zip(*rows, strict=True)]
    done = [row for row in bill.rows if row.is_done]
    await tx.execute(
        _DIFFERENCES,
        check_id,
        bill.provider,
        now,
        *(sides or [[] for _ in range(10)]),
        [str(row.kind) for row in done],
        [row.number for row in done],
    )


async def count_states(tx: Tx, check_id: int) -> dict[str, int]:
    return {row["state"]: row["count"] for row in await tx.fetch(_COUNTS, check_id)}


async def get_check(tx: Tx, check_id: int) -> Row:
    """Raises NotFound."""
    row = await tx.fetchrow(_CHECK, check_id)
    if row is None:
        raise NotFound
    return row


async def list_checks(tx: Tx, *, cursor: str | None, size: int) -> Page[Row]:
    """Newest first. Raises CursorInvalid."""
    rows = await tx.fetch(_LIST_CHECKS, id_below(cursor), size + 1)
    return page_of(rows, size, lambda row: (row["id"],))


async def list_differences(
    tx: Tx, check_id: int, *, state: str | None, cursor: str | None, size: int
) -> Page[Row]:
    """As the bill goes. Raises CursorInvalid."""
    after = decode_cursor(cursor, int) or (0,)
    rows = await tx.fetch(_LIST, check_id, state, min(after[0], 2**31 - 1), size + 1)
    return page_of(rows, size, lambda row: (row["position"],))


async def explain(
    tx: Tx, check_id: int, position: int, *, note: str, operator_id: int, now: datetime
) -> Row | None:
    return await tx.fetchrow(_EXPLAIN, check_id, position, note, operator_id, now)
