"""The figures of an Olist data set, from its files and from our own tables, side by side."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from jishi.db import Tx, load_sql
from jishi.imports.compare import Totals
from jishi.imports.history import MINOR_TOLERANCE
from jishi.imports.olist import Order

_TOTALS = load_sql(__package__, "olist_totals")
TOP = 10


async def totals_of_market(tx: Tx) -> dict[str, Any]:
    """What our tables say; beside the keys of ``totals_of``: ``ledger`` and ``differences``."""
    totals: dict[str, Any] = await tx.fetchval(_TOTALS)
    for name in ("orders_by_status", "payments_by_type", "by_purchase_month"):
        totals[name] = totals[name] or {}
    totals["top10_sellers_by_price"] = totals["top10_sellers_by_price"] or []
    return totals


def totals_of(orders: Sequence[Order]) -> dict[str, Any]:
    """What the files say of orders that were not refused. Amounts in minor units. Pure."""
    items = [item for order in orders for item in order.items]
    return {
        "orders_by_status": dict(sorted(Counter(order.status for order in orders).items())),
        "items_price_total": sum(item.price_minor for item in items),
        "items_freight_total": sum(item.freight_minor for item in items),
        "payments_total": sum(order.payments_minor for order in orders),
        "payments_by_type": _by_type(orders),
        "by_purchase_month": _by_month(orders),
        "distinct_customers(customer_unique_id)": len({it.customer.person_id for it in orders}),
        "orders_without_items": sum(not it.items for it in orders),
        "orders_with_more_than_one_seller": sum(
            len({item.seller_id for item in it.items}) > 1 for it in orders
        ),
        "orders_with_more_than_one_payment_row": sum(len(it.payments) > 1 for it in orders),
        "orders_where_payments_differ_from_items_plus_freight_by_over_0.01": sum(
            bool(it.items) and abs(it.payments_minor - it.amount_minor) > MINOR_TOLERANCE
            for it in orders
        ),
        "top10_sellers_by_price": _top_sellers(orders),
    }


def book_problems(market: Totals) -> Iterator[str]:
    """Payments must stand in the ledger or be a named difference, to the minor unit."""
    accounted = market["ledger"] + market["differences"]
    if accounted != market["payments_total"]:
        yield (
            f"payments {market['payments_total']} are not ledger {market['ledger']}"
            f" + differences {market['differences']}"
        )


def _by_type(orders: Sequence[Order]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for payment in (it for order in orders for it in order.payments):
        row = found.setdefault(payment.kind, {"rows": 0, "value": 0})
        row["rows"] += 1
        row["value"] += payment.amount_minor
    return found


def _by_month(orders: Sequence[Order]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for order in orders:
        month = f"{order.purchased_at:%Y-%m}"
        row = found.setdefault(
            month, {"orders": 0, "gmv_items_price": 0, "freight": 0, "payments": 0}
        )
        row["orders"] += 1
        row["gmv_items_price"] += sum(item.price_minor for item in order.items)
        row["freight"] += sum(item.freight_minor for item in order.items)
        row["payments"] += order.payments_minor
    return found


def _top_sellers(orders: Sequence[Order]) -> list[dict[str, Any]]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for item in (it for order in orders for it in order.items):
        sums[item.seller_id][0] += 1
        sums[item.seller_id][1] += item.price_minor
    ranked = sorted(sums.items(), key=lambda it: (-it[1][1], it[0]))[:TOP]
    return [
        {"seller_id": seller, "items": items, "price": price} for seller, (items, price) in ranked
    ]
