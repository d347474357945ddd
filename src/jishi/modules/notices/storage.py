"""Messages in PostgreSQL. With sql/ the only file that writes ``notice`` and ``notice_seen``."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, ShopId, cell_for, cell_of
from jishi.modules.notices.types import Channel, Notice, Outgoing, Told

_TELL: Final = load_sql(__package__, "tell")
_OF_ACCOUNT: Final = load_sql(__package__, "inbox_of_account")
_OF_SHOP: Final = load_sql(__package__, "inbox_of_shop")
_OPEN: Final = """
UPDATE notice SET read_at = coalesce(read_at, $4)
WHERE cell = $1 AND position = $2 AND account_id = $3
RETURNING position, kind, facts, updated_at AS at, true AS is_read
"""
_READ_ALL: Final = """
UPDATE notice SET read_at = $3
WHERE cell = $1 AND account_id = $2 AND read_at IS NULL AND created_at <= $3
"""
_SEE: Final = """
INSERT INTO notice_seen AS held (cell, account_id, shop_id, seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (cell, account_id, shop_id)
DO UPDATE SET seen_at = greatest(held.seen_at, excluded.seen_at)
"""
_SEND: Final = """
INSERT INTO notice (cell, address, channel, kind, facts, locale, created_at, updated_at, retry_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)
"""
_OUT: Final = """
cell, position, channel, address, kind, facts, locale, created_at, sent_at, attempts, last_error
"""
# Claimed rows are due again after the pause unless the try is recorded before: at least once.
_CLAIM: Final = """
WITH due AS (
    SELECT cell, position FROM notice WHERE retry_at <= $1
    ORDER BY retry_at, position LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE notice n SET attempts = n.attempts + 1, retry_at = $1::timestamptz + $3::interval
FROM due WHERE n.cell = due.cell AND n.position = due.position
RETURNING n.cell, n.position, n.channel, n.address, n.kind, n.facts, n.locale, n.created_at,
    n.sent_at, n.attempts, n.last_error
"""
_SENT: Final = """
UPDATE notice SET sent_at = $3, retry_at = NULL, last_error = NULL WHERE cell = $1 AND position = $2
"""
_FAILED: Final = """
UPDATE notice SET last_error = $3, retry_at = $4 WHERE cell = $1 AND position = $2
"""
_NEWEST_OUT: Final = f"""
SELECT {_OUT} FROM notice WHERE address IS NOT NULL AND ($1::text IS NULL OR address = $1)
ORDER BY created_at DESC, position DESC LIMIT $2
"""
_FORGET: Final = """
DELETE FROM notice WHERE (cell, position) IN (
    (SELECT cell, position FROM notice WHERE created_at < $1 LIMIT $3)
    UNION ALL
    (SELECT cell, position FROM notice
     WHERE address IS NOT NULL AND created_at < $2 ORDER BY created_at DESC LIMIT $3)
)
"""


async def tell(tx: Tx, told: Sequence[Told]) -> None:
    rows = [
        (it.kind, it.account_id, it.shop_id, it.subject_id, dict(it.facts), it.bucket, it.at)
        for it in told
    ]
    if rows:
        await tx.execute(_TELL, *[list(column) for column in zip(*rows, strict=True)])


async def inbox_of_account(
    tx: Tx, account_id: AccountId, *, below: int, limit: int
) -> list[Notice]:
    rows = await tx.fetch(_OF_ACCOUNT, cell_of(account_id), account_id, below, limit)
    return [_notice(row) for row in rows]


async def inbox_of_shop(
    tx: Tx, shop_id: ShopId, *, reader_id: AccountId, below: int, limit: int
) -> list[Notice]:
    return [_notice(row) for row in await tx.fetch(_OF_SHOP, shop_id, reader_id, below, limit)]


async def open_notice(
    tx: Tx, account_id: AccountId, position: int, *, now: datetime
) -> Notice | None:
    """The message, read from now on; None when it is not this person's."""
    row = await tx.fetchrow(_OPEN, cell_of(account_id), position, account_id, now)
    return _notice(row) if row else None


async def read_all(tx: Tx, account_id: AccountId, *, now: datetime) -> None:
    await tx.execute(_READ_ALL, cell_of(account_id), account_id, now)


async def see_shop(tx: Tx, account_id: AccountId, shop_id: ShopId, *, now: datetime) -> None:
    await tx.execute(_SEE, cell_of(account_id), account_id, shop_id, now)


async def send(
    tx: Tx,
    *,
    channel: Channel,
    address: str,
    kind: str,
    facts: dict[str, Any],
    locale: str,
    now: datetime,
) -> None:
    await tx.execute(_SEND, cell_for(address), address, channel.value, kind, facts, locale, now)


async def claim_due(tx: Tx, *, now: datetime, limit: int, pause: timedelta) -> list[Outgoing]:
    """Messages to send now; nobody else gets them within ``pause``."""
    return [_outgoing(row) for row in await tx.fetch(_CLAIM, now, limit, pause)]


async def save_sent(tx: Tx, message: Outgoing, *, now: datetime) -> None:
    await tx.execute(_SENT, message.cell, message.position, now)


async def save_failed(
    tx: Tx, message: Outgoing, *, problem: str, retry_at: datetime | None
) -> None:
    """``retry_at`` None: given up."""
    await tx.execute(_FAILED, message.cell, message.position, problem[:500], retry_at)


async def newest_outgoing(tx: Tx, *, address: str | None, limit: int) -> list[Outgoing]:
    return [_outgoing(row) for row in await tx.fetch(_NEWEST_OUT, address, limit)]


async def forget(tx: Tx, *, before: datetime, codes_before: datetime, limit: int) -> int:
    done: str = await tx.execute(_FORGET, before, codes_before, limit)
    return int(done.rsplit(maxsplit=1)[-1])


def _notice(row: Row) -> Notice:
    return Notice(**row)


def _outgoing(row: Row) -> Outgoing:
    return Outgoing(
        **{**row, "channel": Channel(row["channel"]), "locale": row["locale"] or "zh-CN"}
    )
