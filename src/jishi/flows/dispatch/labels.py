"""Labels: asked from carriers before parcels leave, cancelled, and shipped from.

Nobody outside the database is asked inside a transaction: a row in state ``asked``, the call, the
outcome. A job finishes what a crash or a silent carrier left between.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from jishi.db import Pool, Row, Tx, load_sql, reading, transaction
from jishi.flows.dispatch import rules_labels as rules
from jishi.flows.dispatch.rules_labels import LabelSource
from jishi.flows.ship_orders import ShipOrders
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, IdMaker, OrderId, ShopId, WarehouseId, cell_of
from jishi.modules.fulfilment import (
    CarrierRefused,
    Carriers,
    CarrierUnreachable,
    label_book,
    service_for,
)
from jishi.modules.fulfilment.types_tracking import (
    CarrierNotConnected,
    LabelThere,
    Waybill,
    WaybillId,
    WaybillState,
    WaybillUnknown,
)
from jishi.modules.orders import OrderState

AT_ONCE: Final = 8  # calls to carriers under way
AGAIN_IN: Final = timedelta(seconds=30)
ATTEMPTS_MAX: Final = 20
_ORDERS: Final = load_sql(__package__, "label_orders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of wishing for labels: rows to call carriers for, and orders that get none."""

    waybills: list[WaybillId]
    refused: list[tuple[OrderId, Refusal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOff:
    """How many parcels left, and the orders of those that did not."""

    shipped: int
    refused: list[tuple[OrderId, Refusal]]


async def sources(
    tx: Tx, shop_id: ShopId, orders: Sequence[int], *, also_sent: bool = False
) -> list[LabelSource]:
    """What labels of these orders are made from: a source per order and warehouse, orders' order.

    What has left already counts only with ``also_sent``.
    """
    rows = await tx.fetch(_ORDERS, cell_of(shop_id), shop_id, list(orders), also_sent)
    return [_source(row) for row in rows]


async def ask(
    tx: Tx,
    shop_id: ShopId,
    orders: Sequence[int],
    *,
    carrier: str,
    carriers: Carriers,
    actor_id: AccountId,
    maker: IdMaker,
    now: datetime,
) -> Asked:
    """Write down which labels are wanted: one per order and warehouse.

    Refused by order: what ``check_source`` says, LabelThere. Raises CarrierNotConnected.
    """
    if service_for(carriers, carrier) is None:
        raise CarrierNotConnected(field="carrier")
    good: list[tuple[WaybillId, LabelSource]] = []
    refused: list[tuple[OrderId, Refusal]] = []
    for source in await sources(tx, shop_id, orders):
        problem = rules.check_source(source)
        if problem:
            refused.append((source.order_id, problem))
        else:
            good.append((WaybillId(maker.make(cell_of(shop_id))), source))
    rows = [
        (waybill, source.order_id, source.warehouse_id or 0, source.pieces)
        for waybill, source in good
    ]
    written = await label_book.ask(
        tx,
        shop_id,
        rows,
        carrier=carrier,
        actor_id=actor_id,
        now=now,
        again_at=now + AGAIN_IN,
    )
    refused += [
        (source.order_id, LabelThere(order_id=source.order_id))
        for waybill, source in good
        if waybill not in written
    ]
    return Asked(waybills=sorted(written), refused=refused)


async def to_print(
    tx: Tx, shop_id: ShopId, ids: Sequence[int], *, now: datetime
) -> list[tuple[Waybill, LabelSource]]:
    """Labels in the order asked, with what stands on them; they count as printed once more.

    A label shows what is left of its order, one that was used all of it. Raises WaybillUnknown, and for
    each label that is not printed what ``check_print`` says.
    """
    found = {int(it.id): it for it in await label_book.waybills_of(tx, shop_id, ids)}
    if len(found) < len(ids):
        raise WaybillUnknown
    waybills = [found[each] for each in ids]
    orders = sorted({it.order_id for it in waybills})
    left = rules.by_order(await sources(tx, shop_id, orders))
    whole = rules.by_order(await sources(tx, shop_id, orders, also_sent=True))
    shown: list[tuple[Waybill, LabelSource]] = []
    problems: list[Refusal] = []
    for it in waybills:
        of_order = (whole if it.state is WaybillState.USED else left).get(it.order_id, ())
        problem, source = rules.check_print(it, of_order), rules.source_of(it, of_order)
        if problem:
            problems.append(problem)
        elif source:
            shown.append((it, source))
    if problems:
        raise Refusals(problems) if len(problems) > 1 else problems[0]
    await label_book.record_printed(tx, shop_id, [it.id for it in waybills], now=now)
    return shown


async def send_off(
    pool: Pool,
    ship_orders: ShipOrders,
    shop_id: ShopId,
    waybills: Sequence[Waybill],
    *,
    actor_id: AccountId,
    now: datetime,
) -> SentOff:
    """Parcels have left under these labels. Refused by order: what ``check_leave`` or shipping says."""
    async with reading(pool) as tx:
        found = await sources(tx, shop_id, sorted({it.order_id for it in waybills}))
    left = rules.by_order(found)
    problems = [(it, rules.check_leave(it, left.get(it.order_id, ()))) for it in waybills]
    refused = [(it.order_id, no) for it, no in problems if no]
    ready = [it for it, no in problems if no is None]
    shipped = 0
    for batch in rules.shipments(ready, left, actor_id=actor_id, at=now):
        answers = await ship_orders(batch)
        pairs = list(zip(batch, answers, strict=True))
        refused += [(each.order_id, no) for each, no in pairs if isinstance(no, Refusal)]
        done = [each for each, answer in pairs if not isinstance(answer, Refusal)]
        shipped += len(done)
        async with transaction(pool) as tx:
            orders, numbers = [it.order_id for it in done], [it.waybill for it in done]
            await label_book.mark_used(tx, orders, numbers, now=now)
    return SentOff(shipped=shipped, refused=refused)


async def finish(
    pool: Pool, carriers: Carriers, waybills: Sequence[Waybill], *, now: datetime
) -> None:
    """Ask the carriers for what is wanted of these labels, and record what they say.

    Up to eight calls at once; each outcome is a transaction of its own.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def one(waybill: Waybill) -> None:
        async with room:
            if waybill.state is WaybillState.ASKED:
                await _make(pool, carriers, waybill, now)
            elif waybill.state is WaybillState.CANCELLING:
                await _cancel(pool, carriers, waybill, now)

    await asyncio.gather(*(one(waybill) for waybill in waybills))


async def _make(pool: Pool, carriers: Carriers, waybill: Waybill, now: datetime) -> None:
    service = service_for(carriers, waybill.carrier)
    async with transaction(pool) as tx:
        found = await sources(tx, waybill.shop_id, [waybill.order_id])
        source = next((it for it in found if it.warehouse_id == waybill.warehouse_id), None)
        if service is None or source is None or rules.check_source(source):
            await label_book.record_failed(tx, waybill.id, "order_moved", now=now)
            return
    try:
        made = await service.create_waybill(rules.ask_of(waybill, source))
    except CarrierUnreachable as problem:
        async with transaction(pool) as tx:
            await label_book.ask_again(tx, waybill.id, str(problem), at=now + AGAIN_IN)
        return
    except CarrierRefused as no:
        async with transaction(pool) as tx:
            await label_book.record_failed(tx, waybill.id, no.code, now=now)
        return
    async with transaction(pool) as tx:
        await label_book.record_made(tx, waybill, number=made.number, route=made.route, now=now)


async def _cancel(pool: Pool, carriers: Carriers, waybill: Waybill, now: datetime) -> None:
    service = service_for(carriers, waybill.carrier)
    try:
        if service is not None and waybill.number:
            await service.cancel_waybill(waybill.carrier, waybill.number)
    except CarrierUnreachable as problem:
        async with transaction(pool) as tx:
            await label_book.ask_again(tx, waybill.id, str(problem), at=now + AGAIN_IN)
        return
    except CarrierRefused as no:
        async with transaction(pool) as tx:
            await label_book.record_kept(tx, waybill.id, no.code)
        return
    async with transaction(pool) as tx:
        await label_book.record_cancelled(tx, waybill.id, now=now)


async def give_up(tx: Tx, waybill: Waybill, *, now: datetime) -> None:
    """A carrier that never answers: the label failed, and may be asked for anew."""
    if waybill.state is WaybillState.ASKED:
        await label_book.record_failed(tx, waybill.id, "unreachable", now=now)
    else:
        await label_book.record_cancelled(tx, waybill.id, now=now)


def _source(row: Row) -> LabelSource:
    address: dict[str, Any] = row["address"]
    return LabelSource(
        order_id=OrderId(row["order_id"]),
        state=OrderState(row["state"]),
        warehouse_id=WarehouseId(row["warehouse_id"]) if row["warehouse_id"] else None,
        warehouse=row["warehouse"] or "",
        contact=row["contact"] or row["shop"],
        phone=row["phone"] or "",
        sender_regions=tuple(name for name in (row["above"], row["region"]) if name),
        street=row["street"] or "",
        address=address,
        note=row["note"],
        ship_by=row["ship_by"],
        pieces=row["pieces"],
        weight_grams=row["weight_grams"],
        goods=row["goods"] or "",
        left=tuple(zip(row["lines"] or (), row["parts"] or (), strict=True)),
        is_asked=row["is_asked"],
    )
