"""What a statement or function reads, counted by the server inside the test's own transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from jishi.db import Tx

# Tables that grow with every order: no hot command may read one of them as a whole.
BIG = (
    "checkout",
    "ledger_posting",
    "ledger_transfer",
    "outbox",
    "parcel",
    "parcel_line",
    "payment",
    "payment_callback",
    "payment_part",
    "refund",
    "sale_order",
    "sale_order_line",
    "sale_order_step",
    "stock_hold",
    "stock_move",
)
_COUNTS = """
SELECT relname, seq_scan, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows
FROM pg_stat_xact_user_tables
"""


@dataclass(slots=True)
class Reads:
    """``scanned``: big tables read as a whole; ``rows``: rows fetched, of all tables."""

    scanned: list[str] = field(default_factory=list)
    rows: int = 0


@asynccontextmanager
async def reading(tx: Tx) -> AsyncIterator[Reads]:
    """Counts what is read inside the block, by this connection only."""
    before = {row["relname"]: row for row in await tx.fetch(_COUNTS)}
    reads = Reads()
    yield reads
    for row in await tx.fetch(_COUNTS):
        was = before.get(row["relname"])
        reads.rows += row["rows"] - (was["rows"] if was else 0)
        if row["relname"] in BIG and row["seq_scan"] > (was["seq_scan"] if was else 0):
            reads.scanned.append(row["relname"])


async def plan_of(tx: Tx, statement: str, *values: Any) -> str:
    return "\n".join(row[0] for row in await tx.fetch(f"EXPLAIN {statement}", *values))


async def kept_plan(tx: Tx, statement: str, values: str) -> str:
    """The plan kept for whatever values come, run once; without what it did not have to run."""
    await tx.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await tx.execute(f"PREPARE asked AS {statement}")
    rows = await tx.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) EXECUTE asked({values})")
    await tx.execute("DEALLOCATE asked")
    return "\n".join(row[0] for row in rows if "never executed" not in row[0])
