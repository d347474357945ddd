"""Reads of the operator's console: over all shops, each list bounded by a cursor."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.errors import NotFound
from jishi.kit.ids import cell_of, parse_id
from jishi.kit.paging import Page, decode_cursor, id_below, page_of
from jishi.reads.merchant.figures import oldest_id

MONTH: Final = timedelta(days=30)
SLACK: Final = timedelta(days=1)
REFUND_SLOW: Final = timedelta(hours=24)
LOOKED_THROUGH: Final = 5_000
LATEST: Final = 20
FAR: Final = datetime(9999, 12, 31, tzinfo=UTC)
POSITION_MAX: Final = 2**62

_SHOPS: Final = load_sql(__package__, "shops")
_SHOP: Final = load_sql(__package__, "shop")
_SHOP_ORDERS: Final = load_sql(__package__, "shop_orders")
_FIND: Final = load_sql(__package__, "find_orders")
_LATEST: Final = load_sql(__package__, "latest_paid")
_ORDERS: Final = load_sql(__package__, "orders")
_ORDER: Final = load_sql("jishi.reads.merchant", "order")
_PAYMENT: Final = load_sql(__package__, "payment")
_CALLBACKS: Final = load_sql(__package__, "callbacks")
_REFUNDS: Final = load_sql(__package__, "refunds")
_NEEDS: Final = load_sql(__package__, "needs")
_LAG: Final = load_sql(__package__, "lag")
_PARKED: Final = load_sql(__package__, "parked")
_TABLES: Final = load_sql(__package__, "tables")
_SLOW: Final = load_sql(__package__, "slow")
_LEASES: Final = (
    "SELECT node, holder, leased_until FROM node_lease ORDER BY leased_until DESC LIMIT 256"
)
_JOBS: Final = (
    "SELECT name, due_at, ran_at, took_ms, done, last_error FROM timed_job ORDER BY name LIMIT 200"
)
_SIZE: Final = "SELECT pg_database_size(current_database())"
_NAMES: Final = """
SELECT a.id, a.name FROM unnest($1::bigint[]) n(id) JOIN account a ON a.cell = cell_of(n.id) AND a.id = n.id
"""


async def list_shops(
    tx: Tx, *, q: str, state: str | None, cursor: str | None, size: int, now: datetime
) -> Page[Row]:
    """Shops, newest first; ``q`` is part of a name, or the shop's number. Raises CursorInvalid."""
    number = parse_id(q) if q else None
    words = q.lower() if q and number is None else None
    oldest = oldest_id(now - MONTH)
    rows = await tx.fetch(_SHOPS, state, words, number, id_below(cursor), size + 1, oldest)
    return page_of(rows, size, lambda row: (row["id"],))


async def get_shop(tx: Tx, shop_id: int, *, now: datetime) -> Row:
    """Raises NotFound."""
    row = await tx.fetchrow(_SHOP, cell_of(shop_id), shop_id, now)
    if row is None:
        raise NotFound
    return row


async def shop_orders(tx: Tx, shop_id: int, *, limit: int) -> list[Row]:
    return list(await tx.fetch(_SHOP_ORDERS, cell_of(shop_id), shop_id, limit))


async def find_orders(tx: Tx, q: str) -> list[tuple[int, str]]:
    """Orders a number leads to, and what it is the number of; at most 100."""
    plain = "".join(q.split())
    rows = await tx.fetch(_FIND, parse_id(plain), plain.upper())
    return [(row["order_id"], row["what"]) for row in rows]


async def latest_paid(tx: Tx) -> list[int]:
    return [row["order_id"] for row in await tx.fetch(_LATEST, LATEST)]


async def order_rows(tx: Tx, ids: Sequence[int]) -> list[Row]:
    return list(await tx.fetch(_ORDERS, ids)) if ids else []


async def get_order(tx: Tx, order_id: int) -> Row:
    """One order of any shop with all that belongs to it. Raises NotFound."""
    row = await tx.fetchrow(_ORDER, cell_of(order_id), order_id, None)
    if row is None:
        raise NotFound
    return row


async def get_payment(tx: Tx, payment_id: int) -> dict[str, Any]:
    """A payment, its callbacks and its parts. Raises NotFound."""
    row = await tx.fetchrow(_PAYMENT, cell_of(payment_id), payment_id)
    if row is None:
        raise NotFound
    return {
        **dict(row),
        "callbacks": [
            it | {"received_at": datetime.fromisoformat(it["received_at"])}
            for it in row["callbacks"] or ()
        ],
        "parts": [
            it | {"at": datetime.fromisoformat(it["at"]) if it["at"] else None}
            for it in row["parts"] or ()
        ],
    }


async def list_callbacks(tx: Tx, *, odd: bool, cursor: str | None, size: int) -> Page[Row]:
    """What providers told; odd ones among the newest 5,000 of a page. Raises CursorInvalid."""
    before = decode_cursor(cursor, datetime, str) or (FAR, "")
    looked = LOOKED_THROUGH if odd else size + 1
    rows = await tx.fetch(_CALLBACKS, *before, odd, size + 1, looked)
    return page_of(rows, size, lambda row: (row["received_at"], row["event_id"]))


async def list_refunds(tx: Tx, *, state: str | None, cursor: str | None, size: int) -> Page[Row]:
    """Refunds, newest first. Raises CursorInvalid."""
    rows = await tx.fetch(_REFUNDS, state, id_below(cursor), size + 1)
    return page_of(rows, size, lambda row: (row["id"],))


async def needs(tx: Tx, *, now: datetime) -> Row:
    """What needs a person."""
    row = await tx.fetchrow(_NEEDS, now, now - timedelta(days=1), now - REFUND_SLOW)
    assert row is not None
    return row


async def lag(tx: Tx) -> list[Row]:
    return list(await tx.fetch(_LAG))


async def list_parked(tx: Tx, *, cursor: str | None, size: int) -> Page[Row]:
    """Raises CursorInvalid."""
    before = decode_cursor(cursor, datetime, int) or (FAR, POSITION_MAX)
    rows = await tx.fetch(_PARKED, *before, size + 1)
    return page_of(rows, size, lambda row: (row["parked_at"], row["position"]))


async def processes(tx: Tx) -> list[Row]:
    return list(await tx.fetch(_LEASES))


async def jobs(tx: Tx) -> list[Row]:
    return list(await tx.fetch(_JOBS))


async def database(tx: Tx) -> tuple[int, list[Row], list[Row]]:
    """Bytes of the database, its largest tables, statements that run for over a second."""
    size = await tx.fetchval(_SIZE)
    return int(size), list(await tx.fetch(_TABLES)), list(await tx.fetch(_SLOW))


async def names_of(tx: Tx, account_ids: Sequence[int]) -> dict[int, str]:
    """The names of accounts by id."""
    rows = await tx.fetch(_NAMES, sorted(set(account_ids))) if account_ids else []
    return {row["id"]: row["name"] for row in rows}
