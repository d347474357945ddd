"""What the flow reads of orders and cases. SELECT only; the modules write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.flows.answer_aftersale.rules import line_stands
from jishi.flows.quote import price_now
from jishi.kit.ids import CaseId, OrderId, SkuId, WarehouseId, cell_of
from jishi.modules import aftersale
from jishi.modules.aftersale import Case, Facts, LineStands

_LOCK_ORDERS: Final = load_sql(__package__, "lock_orders")
_LOCK_STOCK: Final = load_sql(__package__, "lock_stock")
_LINES: Final = load_sql(__package__, "line_facts")
_CASES: Final = load_sql(__package__, "case_facts")
_LOCK_ORDER: Final = """
SELECT buyer_id, shop_id FROM sale_order WHERE cell = $1 AND id = $2 FOR NO KEY UPDATE
"""
_LINE_NUMBERS: Final = """
SELECT line FROM sale_order_line WHERE cell = $1 AND order_id = $2 ORDER BY line
"""
# Only what one uploaded oneself for this shop may be shown in a case: a paper is nobody else's business.
_PAPERS: Final = """
SELECT id FROM paper WHERE cell = $1 AND shop_id = $2 AND created_by = $3 AND id = ANY ($4)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A case's surroundings, and where its goods lie."""

    facts: Facts
    warehouse_id: WarehouseId
    sku_id: SkuId
    both_heard: bool


async def lock_order(tx: Tx, order_id: OrderId) -> Row | None:
    """``buyer_id`` and ``shop_id``; held until ``tx`` ends."""
    return await tx.fetchrow(_LOCK_ORDER, cell_of(order_id), order_id)


async def lock_with_orders(tx: Tx, case_ids: Sequence[CaseId]) -> dict[CaseId, Case]:
    """Cases held with their orders until ``tx`` ends: orders first, as everywhere."""
    await tx.execute(_LOCK_ORDERS, list(case_ids))
    return await aftersale.lock_cases(tx, case_ids)


async def lock_stock(tx: Tx, places: Sequence[tuple[OrderId, int]]) -> None:
    """The stock of orders' lines, held until ``tx`` ends."""
    await tx.execute(_LOCK_STOCK, [it[0] for it in places], [it[1] for it in places])


async def lines_of(tx: Tx, order_id: OrderId) -> list[Row]:
    """Every line of an order with its facts."""
    numbers = [row["line"] for row in await tx.fetch(_LINE_NUMBERS, cell_of(order_id), order_id)]
    found = await lines_at(tx, [(order_id, line) for line in numbers])
    return [found[order_id, line] for line in numbers]


async def lines_at(tx: Tx, places: Sequence[tuple[OrderId, int]]) -> dict[tuple[OrderId, int], Row]:
    """Lines of orders with their facts, by order and number."""
    order_ids, numbers = [it[0] for it in places], [it[1] for it in places]
    rows = await tx.fetch(_LINES, order_ids, numbers)
    return {(row["order_id"], row["line"]): row for row in rows}


async def stands_of(tx: Tx, rows: Sequence[Row], now: datetime) -> dict[int, LineStands]:
    """Lines of one order by number, with what a piece costs its buyer now."""
    buyer_id = rows[0]["buyer_id"] if rows else None
    prices = await price_now(tx, [SkuId(row["sku_id"]) for row in rows], buyer_id, now)
    return {row["line"]: line_stands(row, prices.get(row["sku_id"])) for row in rows}


async def around(
    tx: Tx, cases: Sequence[Case], prices: Mapping[CaseId, int | None] | None = None
) -> dict[CaseId, Around]:
    """What stands around each case, in two statements. ``prices``: of a piece now, where it matters."""
    lines = await lines_at(tx, [(it.order_id, it.line) for it in cases])
    more = {row["id"]: row for row in await tx.fetch(_CASES, [it.id for it in cases])}
    return {
        it.id: _around(lines[it.order_id, it.line], more[it.id], (prices or {}).get(it.id))
        for it in cases
    }


async def own_papers(tx: Tx, shop_id: int, account_id: int, picture_ids: Sequence[int]) -> set[int]:
    rows = await tx.fetch(_PAPERS, cell_of(shop_id), shop_id, account_id, list(picture_ids))
    return {row["id"] for row in rows}


def _around(line: Row, more: Row, price_now_minor: int | None) -> Around:
    return Around(
        facts=Facts(
            line=line_stands(line, price_now_minor),
            return_address=_address(line),
            is_sent_back=more["is_sent_back"],
            is_swapped=line["is_swapped"],
            last_ruling=_ruling(more["last_ruling"]),
        ),
        warehouse_id=line["warehouse_id"],
        sku_id=line["sku_id"],
        both_heard=more["both_heard"],
    )


def _address(line: Row) -> Mapping[str, Any] | None:
    if line["receiver"] is None:
        return None
    return {name: line[name] for name in ("receiver", "phone", "address")}


def _ruling(found: dict[str, Any] | None) -> aftersale.Ruling | None:
    if found is None:
        return None
    return aftersale.ruling_of({**found, "ruled_at": datetime.fromisoformat(found["ruled_at"])})
