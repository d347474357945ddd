"""Reads of the merchant's console. Every list is bounded: by an index, a cursor and a window."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jishi.db import Pool, Row, Tx, load_sql, reading
from jishi.kit.errors import NotFound
from jishi.kit.ids import ID_MAX, ShopId, cell_of
from jishi.kit.money import share_down
from jishi.kit.paging import decode_cursor, encode_cursor, id_below
from jishi.modules.media import picture_src
from jishi.modules.orders import OrderState
from jishi.modules.payouts import Standing
from jishi.reads.merchant import figures
from jishi.reads.merchant.masking import may_see_receiver, receiver
from jishi.reads.merchant.search import Terms, terms_of
from jishi.reads.merchant.types import (
    COUNT_MAX,
    Found,
    Held,
    Line,
    OrderRow,
    Wanted,
)
from jishi.web import ShopRole

SEARCH_WINDOW: Final = 5_000  # orders looked through per page of a search
EXPORT_ROWS_MAX: Final = 50_000
EXPORT_CHUNK: Final = 500
PICTURE: Final = 160  # pixels
LOW_STOCK: Final = 5
FEW: Final = 5
SOON: Final = timedelta(hours=2)
FAR: Final = datetime(9999, 12, 31, tzinfo=UTC)
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
SLACK: Final = timedelta(days=8)  # an order may be paid a week after it was placed

_NEWEST: Final = load_sql(__package__, "ids_newest")
_IN_STATE: Final = load_sql(__package__, "ids_in_state")
_COMPLETED: Final = load_sql(__package__, "ids_completed")
_BY_DEADLINE: Final = load_sql(__package__, "ids_by_deadline")
_MATCHING: Final = load_sql(__package__, "matching")
_AT_ONCE: Final = load_sql(__package__, "found_at_once")
_ROWS: Final = load_sql(__package__, "order_rows")
_EXPORT: Final = load_sql(__package__, "export_rows")
_COUNTS: Final = load_sql(__package__, "counts")
_WAITING: Final = load_sql(__package__, "waiting")
_FIGURES: Final = load_sql(__package__, "figures")
_REFUNDS: Final = load_sql(__package__, "refunds")
_BEST: Final = load_sql(__package__, "best_sellers")
_LOW: Final = load_sql(__package__, "low_stock")
_ORDER: Final = load_sql(__package__, "order")
_ESCROW: Final = load_sql(__package__, "in_escrow")
_MONTH: Final = load_sql(__package__, "month")
_STANDING: Final = "SELECT * FROM payout_standing($1, $2, $3)"  # flows/withdraw/functions
_SKUS: Final = (
    "SELECT id FROM sku WHERE cell = $1 AND shop_id = $2 AND code = $3 AND code <> '' LIMIT 50"
)


async def list_orders(tx: Tx, wanted: Wanted, *, cursor: str | None, size: int) -> Found:
    """The ids of a page of orders. Raises CursorInvalid."""
    terms = terms_of(wanted.q)
    if terms is None:
        return _page(await _scan(tx, wanted, cursor, size + 1), size, wanted)
    at_once = await _named_exactly(tx, wanted, terms)
    if at_once:
        return Found(ids=at_once)
    scanned = await _scan(tx, wanted, cursor, SEARCH_WINDOW)
    matching = await _matching(tx, wanted.shop_id, [row["id"] for row in scanned], terms)
    if len(matching) > size or len(scanned) < SEARCH_WINDOW:
        return _page([row for row in scanned if row["id"] in set(matching)], size, wanted)
    return Found(ids=matching, next_cursor=_cursor(scanned[-1], wanted), searched_on=True)


async def _scan(tx: Tx, wanted: Wanted, cursor: str | None, limit: int) -> Sequence[Row]:
    cell, shop_id = cell_of(wanted.shop_id), wanted.shop_id
    oldest = figures.oldest_id(wanted.since) if wanted.since else 0
    newest = figures.oldest_id(wanted.until) if wanted.until else ID_MAX
    if wanted.by_deadline:
        after = decode_cursor(cursor, datetime, int) or (LONG_AGO, 0)
        states = [wanted.state] if wanted.state else [OrderState.TO_SHIP, OrderState.PART_SHIPPED]
        due = wanted.now if wanted.late else FAR
        rows: Sequence[Row] = await tx.fetch(
            _BY_DEADLINE, cell, shop_id, states, *after, due, limit, newest, oldest
        )
        return rows
    if wanted.by_completion:
        before = decode_cursor(cursor, datetime, int) or (FAR, ID_MAX)
        placed = (wanted.until or FAR, wanted.since or LONG_AGO)
        return list(await tx.fetch(_COMPLETED, cell, shop_id, *before, limit, *placed))
    top = min(id_below(cursor), newest)
    if wanted.state is None:
        rows = await tx.fetch(_NEWEST, cell, shop_id, top, oldest, limit)
    else:
        rows = await tx.fetch(_IN_STATE, cell, shop_id, top, oldest, limit, wanted.state)
    return rows


def _cursor(row: Row, wanted: Wanted) -> str:
    if wanted.by_deadline:
        return encode_cursor((row["ship_by"], row["id"]))
    if wanted.by_completion:
        return encode_cursor((row["closed_at"], row["id"]))
    return encode_cursor((row["id"],))


def _page(rows: Sequence[Row], size: int, wanted: Wanted) -> Found:
    shown = rows[:size]
    more = len(rows) > size
    return Found(
        ids=[row["id"] for row in shown], next_cursor=_cursor(shown[-1], wanted) if more else None
    )


async def _named_exactly(tx: Tx, wanted: Wanted, terms: Terms) -> list[int]:
    if terms.order_id is None and terms.waybill is None:
        return []
    rows = await tx.fetch(
        _AT_ONCE, cell_of(wanted.shop_id), wanted.shop_id, terms.order_id, terms.waybill
    )
    return [row["id"] for row in rows]


async def _matching(tx: Tx, shop_id: ShopId, ids: Sequence[int], terms: Terms) -> list[int]:
    if not ids:
        return []
    cell = cell_of(shop_id)
    skus = [row["id"] for row in await tx.fetch(_SKUS, cell, shop_id, terms.code)]
    words = terms.words or (terms.text.lower() if skus else None)
    rows = await tx.fetch(_MATCHING, cell, ids, terms.digits, words, skus)
    return [row["id"] for row in rows]


async def order_rows(
    tx: Tx, shop_id: ShopId, ids: Sequence[int], *, role: ShopRole | None = None
) -> list[OrderRow]:
    """What a list shows, in the order of ``ids``. Without a role receivers are masked."""
    rows = await tx.fetch(_ROWS, cell_of(shop_id), ids) if ids else []
    return [_order_row(row, role) for row in rows]


def _order_row(row: Row, role: ShopRole | None) -> OrderRow:
    state = OrderState(row["state"])
    kept = ("id", "amount_minor", "freight_minor", "refunded_minor", "note", "channel")
    instants = (
        "placed_at",
        "expires_at",
        "paid_at",
        "ship_by",
        "shipped_at",
        "confirm_by",
        "closed_at",
    )
    return OrderRow(
        **{name: row[name] for name in (*kept, *instants)},
        state=state,
        receiver=receiver(row["address"], in_full=may_see_receiver(role, state)),
        lines=[line_of(line) for line in row["lines"] or ()],
        parcel=row["parcel"],
    )


def line_of(line: dict[str, Any]) -> Line:
    """A line from its JSON."""
    return Line(
        line=line["line"],
        sku_id=int(line["sku_id"]),
        title=line["title"],
        spec=" · ".join(line["options"]),
        quantity=line["quantity"],
        shipped_quantity=line["shipped_quantity"],
        cancelled_quantity=line["cancelled_quantity"],
        price_minor=line["price_minor"],
        amount_minor=line["amount_minor"],
        image=picture_src(line["picture"], PICTURE),
    )


async def state_counts(tx: Tx, shop_id: ShopId, *, now: datetime) -> dict[int, int]:
    """How many orders stand in each open state, and under 0 how many are late; 1,000 at most."""
    rows = await tx.fetch(_COUNTS, cell_of(shop_id), shop_id, now, COUNT_MAX)
    return {row["state"]: row["n"] for row in rows}


async def waiting(tx: Tx, shop_id: ShopId, *, now: datetime) -> Row:
    """What waits for the shop, each counted to 1,000 at most."""
    row = await tx.fetchrow(_WAITING, cell_of(shop_id), shop_id, now, now + SOON)
    assert row is not None
    return row


async def today(tx: Tx, shop_id: ShopId, day: figures.Day) -> tuple[figures.Today, Row]:
    """Today beside yesterday up to this time, and what was refunded. Two queries."""
    span = (day.yesterday, day.today, day.now, day.then)
    cell, placed_since = cell_of(shop_id), figures.oldest_id(day.yesterday - SLACK)
    rows = await tx.fetch(_FIGURES, cell, shop_id, placed_since, *span)
    asked_since = figures.oldest_id(day.yesterday)
    refunds = await tx.fetchrow(_REFUNDS, cell, shop_id, asked_since, *span)
    assert refunds is not None
    return figures.today_of(rows, day), refunds


async def best_sellers(tx: Tx, shop_id: ShopId, day: figures.Day) -> list[Row]:
    oldest = figures.oldest_id(day.today - SLACK)
    return list(await tx.fetch(_BEST, cell_of(shop_id), shop_id, oldest, day.today, day.now, FEW))


async def low_stock(tx: Tx, shop_id: ShopId) -> tuple[int, list[dict[str, Any]]]:
    """How many SKUs on sale have five pieces or fewer, and the first few of them."""
    rows = await tx.fetch(_LOW, cell_of(shop_id), shop_id, LOW_STOCK, FEW)
    few = [
        {
            "product_id": row["product_id"],
            "title": row["title"],
            "spec": " · ".join(row["options"]),
            "on_hand": row["on_hand"],
            "image": picture_src(row["picture"], PICTURE),
        }
        for row in rows
    ]
    return (rows[0]["total"] if rows else 0), few


async def get_order(tx: Tx, shop_id: ShopId, order_id: int) -> Row:
    """One order with all that belongs to it. Raises NotFound, also for another shop's."""
    row = await tx.fetchrow(_ORDER, cell_of(shop_id), order_id, shop_id)
    if row is None:
        raise NotFound
    return row


async def in_escrow(
    tx: Tx, shop_id: ShopId, *, cursor: str | None, size: int
) -> tuple[list[Held], str | None]:
    """Orders whose money is held, those that arrive next first. Raises CursorInvalid."""
    after = decode_cursor(cursor, int, int, datetime) or (OrderState.SHIPPED, 0, LONG_AGO)
    rows = list(await tx.fetch(_ESCROW, cell_of(shop_id), shop_id, *after, size + 1))
    last = rows[size - 1] if len(rows) > size else None
    shown = sorted(rows[:size], key=lambda row: (row["nth"], row["confirm_by"] or row["ship_by"]))
    held = [
        Held(
            id=row["id"],
            state=OrderState(row["state"]),
            held_minor=row["held_minor"],
            fee_minor=share_down(row["held_minor"], row["fee_bp"]),
            paid_at=row["paid_at"],
            confirm_by=row["confirm_by"],
        )
        for row in shown
    ]
    return held, encode_cursor(_held_after(last)) if last else None


def _held_after(row: Row) -> tuple[int, int, datetime]:
    if row["nth"] == 0:
        return OrderState.SHIPPED, row["id"], LONG_AGO
    return OrderState.TO_SHIP, row["id"], row["ship_by"]


async def month(tx: Tx, shop_id: ShopId, since: datetime, until: datetime) -> Row:
    """What was settled, kept as fee and given back in ``[since, until)``."""
    row = await tx.fetchrow(_MONTH, cell_of(shop_id), shop_id, since, until)
    assert row is not None
    return row


async def payout_standing(tx: Tx, shop_id: ShopId, *, now: datetime) -> Standing:
    """What can be withdrawn and what keeps the rest: the figure withdrawals are decided by."""
    return Standing(**await tx.fetchrow(_STANDING, cell_of(shop_id), shop_id, now))


async def export_lines(pool: Pool, wanted: Wanted) -> AsyncIterator[list[Row]]:
    """Chunks of order lines for a file, at most 50,000; no connection is held in between."""
    cursor: str | None = None
    left = EXPORT_ROWS_MAX
    while left > 0:
        async with reading(pool) as tx:
            found = await list_orders(tx, wanted, cursor=cursor, size=EXPORT_CHUNK)
            rows = await tx.fetch(_EXPORT, cell_of(wanted.shop_id), found.ids) if found.ids else []
        yield list(rows[:left])
        left -= len(rows)
        cursor = found.next_cursor
        if cursor is None:
            return
