"""What a buyer's order pages read. Every function takes an open connection and whose orders."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, OrderId
from jishi.kit.paging import PAGE_SIZE, Page, id_below, page_of
from jishi.modules.fulfilment import carrier_name
from jishi.modules.media import picture_src
from jishi.modules.orders import OrderState
from jishi.reads.buyer_orders.rules import step_words
from jishi.reads.buyer_orders.types import (
    TABS,
    Line,
    Order,
    OrderCard,
    Parcel,
    Refund,
    Saving,
    Step,
)

IMAGE: Final = 160
COUNTED_MAX: Final = 1_000  # newest orders that are counted by state

_ORDERS: Final = load_sql(__package__, "orders")
_ORDER: Final = load_sql(__package__, "order")
_PARCELS: Final = load_sql(__package__, "parcels")
_LINES: Final = """
SELECT *, amount_minor - platform_minor - creator_minor AS buyer_minor FROM sale_order_line
WHERE cell = cell_of($1) AND order_id = $1 ORDER BY line
"""
_SAVINGS: Final = """
SELECT title, kind, payer, sum(amount_minor)::bigint AS amount_minor FROM sale_order_offer
WHERE cell = cell_of($1) AND order_id = $1
GROUP BY offer_id, title, kind, payer ORDER BY min(position), offer_id
"""
_STEPS: Final = """
SELECT state, actor, why, occurred_at FROM sale_order_step
WHERE cell = cell_of($1) AND order_id = $1 ORDER BY version DESC
"""
_REFUNDS: Final = """
SELECT amount_minor, state, why, asked_at, ended_at FROM refund
WHERE cell = cell_of($1) AND order_id = $1 ORDER BY id DESC
"""
_COUNTS: Final = """
SELECT state, count(*) AS orders
FROM (SELECT state FROM sale_order WHERE buyer_id = $1 ORDER BY id DESC LIMIT $2) newest
GROUP BY state
"""


async def list_orders(
    tx: Tx,
    locale: str,
    buyer_id: AccountId,
    tab: str,
    cursor: str | None,
    *,
    size: int = PAGE_SIZE,
) -> Page[OrderCard]:
    """A buyer's orders of one tab, newest first. Raises CursorInvalid."""
    states = [int(state) for state in TABS[tab][1]] or None
    rows = await tx.fetch(_ORDERS, buyer_id, states, id_below(cursor), size + 1)
    page = page_of(rows, size, lambda row: (row["id"],))
    return Page([_card(row, locale, row["lines"]) for row in page.items], page.next_cursor)


async def counts(tx: Tx, account_id: AccountId) -> dict[str, int]:
    """How many of a buyer's newest 1,000 orders stand in each tab, by the tab's name."""
    found = {
        row["state"]: row["orders"] for row in await tx.fetch(_COUNTS, account_id, COUNTED_MAX)
    }
    return {
        tab: sum(found.get(int(state), 0) for state in states) if tab else sum(found.values())
        for tab, (_, states) in TABS.items()
    }


async def find_order(tx: Tx, locale: str, buyer_id: AccountId, order_id: OrderId) -> Order | None:
    """One order with all that belongs to it; None when it is not the buyer's. Six statements."""
    row = await tx.fetchrow(_ORDER, order_id, buyer_id)
    if row is None:
        return None
    raw = await tx.fetch(_LINES, order_id)
    steps = await tx.fetch(_STEPS, order_id)
    parcels = await tx.fetch(_PARCELS, order_id)
    refunds = await tx.fetch(_REFUNDS, order_id)
    savings = await tx.fetch(_SAVINGS, order_id)
    lines = [_line(line) for line in raw]
    return Order(
        savings=[Saving(**saving) for saving in savings],
        card=_card(row, locale, raw, pieces=sum(line.qty for line in lines)),
        goods_minor=row["goods_minor"],
        freight_minor=row["freight_minor"],
        address=row["address"],
        note=row["note"],
        paid_at=row["paid_at"],
        shipped_at=row["shipped_at"],
        closed_at=row["closed_at"],
        lines=lines,
        steps=[_step(step) for step in steps],
        parcels=[_parcel(parcel, locale) for parcel in parcels],
        refunds=[_refund(refund) for refund in refunds],
        why=steps[0]["why"] if steps else "",
    )


def _card(row: Row, locale: str, lines: Sequence[Any], *, pieces: int | None = None) -> OrderCard:
    english = row["shop_name_en"]
    return OrderCard(
        id=row["id"],
        state=OrderState(row["state"]),
        shop_id=row["shop_id"],
        shop_name=english if locale == "en" and english else row["shop_name"],
        payment_id=row["payment_id"],
        amount_minor=row["amount_minor"],
        refunded_minor=row["refunded_minor"],
        pieces=row["pieces"] if pieces is None else pieces,
        lines=[_line(line) for line in lines],
        placed_at=row["placed_at"],
        expires_at=row["expires_at"],
        ship_by=row["ship_by"],
        confirm_by=row["confirm_by"],
    )


def _line(row: Row | Mapping[str, Any]) -> Line:
    return Line(
        name=row["title"],
        spec=" · ".join(row["options"] or []),
        image=picture_src(row["picture"], IMAGE),
        unit_minor=row["price_minor"],
        qty=row["quantity"],
        amount_minor=row["buyer_minor"],
        refunded_minor=row["refunded_minor"],
        shipped_quantity=row["shipped_quantity"],
        product_id=row["product_id"],
        sku_id=row["sku_id"],
    )


def _step(row: Row) -> Step:
    text, detail = step_words(OrderState(row["state"]), row["actor"], row["why"])
    return Step(text=text, detail=detail, at=row["occurred_at"])


def _parcel(row: Row, locale: str) -> Parcel:
    return Parcel(
        carrier=carrier_name(row["carrier"], locale),
        waybill=row["waybill"],
        shipped_at=row["shipped_at"],
        lines=[(line, pieces) for line, pieces in row["lines"] or []],
    )


def _refund(row: Row) -> Refund:
    return Refund(
        amount_minor=row["amount_minor"],
        state=row["state"],
        asked_at=row["asked_at"],
        ended_at=row["ended_at"],
        is_late=row["why"] == "late_payment",
    )
