"""What the rest of Jishi may ask of the audit record. Each call inside the caller's transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from jishi.db import Tx
from jishi.kit.ids import AccountId, cell_of
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules.audit.types import AuditLine

SUBJECT_MAX: Final = 200
FAR: Final = (datetime(9999, 12, 31, tzinfo=UTC), 2**62)

_NOTE: Final = """
INSERT INTO audit (cell, account_id, action, subject, facts, occurred_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_LIST: Final = """
SELECT position, account_id, action, subject, facts, occurred_at FROM audit
WHERE (occurred_at, position) < ($1, $2::bigint)
ORDER BY occurred_at DESC, position DESC LIMIT $3
"""


async def note(
    tx: Tx,
    account_id: AccountId,
    action: str,
    subject: str,
    *,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write one line. ``facts`` hold ids as text; nothing secret, no personal data."""
    row = (cell_of(account_id), account_id, action, subject[:SUBJECT_MAX], dict(facts or {}), now)
    await tx.execute(_NOTE, *row)


async def list_lines(tx: Tx, *, cursor: str | None, size: int) -> Page[AuditLine]:
    """The newest first. Raises CursorInvalid."""
    before = decode_cursor(cursor, datetime, int) or FAR
    rows = [AuditLine(**row) for row in await tx.fetch(_LIST, *before, size + 1)]
    return page_of(rows, size, lambda line: (line.occurred_at, line.position))
