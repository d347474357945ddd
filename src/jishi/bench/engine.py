"""The engine alone: batched function calls, a full life per order, no HTTP."""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from jishi.bench import floor
from jishi.bench.figures import latency_ms
from jishi.bench.market import Town, build_town, opened
from jishi.db import Pool
from jishi.db.retry import in_transaction
from jishi.flows.complete_orders import Completion, complete
from jishi.flows.place_orders import CheckoutAsked, LineAsked, Placed, place
from jishi.flows.place_orders.flow import Terms
from jishi.flows.ship_orders import Shipment, ship
from jishi.flows.take_payment import record
from jishi.flows.take_payment.flow import settle
from jishi.kit.ids import IdMaker, OrderId, ShopId
from jishi.modules.payments import CallbackNews, NewsKind

TERMS: Final = Terms(
    provider="sandbox", currency="CNY", fee_bp=60, unpaid_for=timedelta(minutes=30)
)
CONFIRM_AFTER: Final = timedelta(days=10)
HASH: Final = b"0" * 16
_PIDS: Final = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() OR datname IS NULL"
)


@dataclass(slots=True)
class Tally:
    """What came out of a run; seconds per batch by command."""

    orders: int = 0
    errors: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, command: str, started: float) -> None:
        self.seconds.setdefault(command, []).append(time.perf_counter() - started)


async def run(
    dsn: str, *, seconds: float, batch: int, lanes: int, with_floor: bool
) -> dict[str, Any]:
    """Full orders a second in batches of ``batch`` over ``lanes`` connections, and the floor."""
    async with opened(dsn, size=lanes + 1) as (pool, maker):
        town = await build_town(pool, maker)
        tally = Tally()
        until = time.perf_counter() + seconds
        started, client_cpu = time.perf_counter(), time.process_time()
        server_cpu = await server_cpu_seconds(pool)
        await asyncio.gather(
            *(_lane(pool, maker, town, tally, until, batch, number) for number in range(lanes))
        )
        spent = time.perf_counter() - started
        client_cpu = time.process_time() - client_cpu
        server_cpu = await server_cpu_seconds(pool) - server_cpu
        figures: dict[str, Any] = {
            "full_orders_per_second": round(tally.orders / spent, 1),
            "orders": tally.orders,
            "seconds": round(spent, 1),
            "batch": batch,
            "lanes": lanes,
            **latency_ms(tally.seconds.get("place", []), "place"),
            "errors": tally.errors,
            "client_cpu_ms_per_order": round(client_cpu / max(1, tally.orders) * 1000, 4),
            "server_cpu_ms_per_order": round(server_cpu / max(1, tally.orders) * 1000, 4),
        }
        for command, each in tally.seconds.items():
            figures[f"{command}_ms_per_order"] = round(sum(each) / max(1, tally.orders) * 1000, 4)
        if with_floor:
            figures |= await floor.measure(pool, maker, town, seconds=min(seconds, 10.0))
        return figures


async def server_cpu_seconds(pool: Pool) -> float:
    """Processor time of the server's processes so far; 0 where it runs on another machine."""
    return cpu_seconds([row["pid"] for row in await pool.fetch(_PIDS)])


def cpu_seconds(pids: Sequence[int]) -> float:
    """Processor time of processes of this machine; those that are gone count nothing."""
    ticks = 0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def _lane(
    pool: Pool, maker: IdMaker, town: Town, tally: Tally, until: float, batch: int, number: int
) -> None:
    chance = random.Random(number)
    while time.perf_counter() < until:
        await live(pool, maker, town, tally, batch, chance)


async def live(
    pool: Pool, maker: IdMaker, town: Town, tally: Tally, batch: int, chance: random.Random
) -> list[OrderId]:
    """One batch of orders from placing to settlement."""
    now = datetime.now(UTC)
    asked = [_wish(town, maker, chance, now) for _ in range(batch)]
    shop_of = {each.sku_id: each.shop_id for each in town.goods}

    started = time.perf_counter()
    placed = await in_transaction(pool, lambda tx: place(tx, asked, maker, TERMS))
    tally.note("place", started)
    good = [
        (verdict, shop_of[wish.lines[0].sku_id])
        for wish, verdict in zip(asked, placed, strict=True)
        if isinstance(verdict, Placed)
    ]
    tally.errors += len(placed) - len(good)
    started = time.perf_counter()
    await in_transaction(pool, lambda tx: record(tx, [_news(each, now) for each, _ in good]))
    await in_transaction(pool, lambda tx: settle(tx, [each.payment_id for each, _ in good], maker))
    tally.note("pay", started)

    orders = [(order_id, shop_id) for each, shop_id in good for order_id in each.order_ids]
    started = time.perf_counter()
    shipments = [_shipment(order_id, shop_id, now) for order_id, shop_id in orders]
    await in_transaction(pool, lambda tx: ship(tx, shipments, maker, confirm_after=CONFIRM_AFTER))
    tally.note("ship", started)
    started = time.perf_counter()
    done = [
        Completion(order_id=order_id, buyer_id=None, at=now, actor="clock")
        for order_id, _ in orders
    ]
    await in_transaction(pool, lambda tx: complete(tx, done))
    tally.note("complete", started)
    tally.orders += len(orders)
    return [order_id for order_id, _ in orders]


def _wish(town: Town, maker: IdMaker, chance: random.Random, now: datetime) -> CheckoutAsked:
    goods = chance.choice(town.goods)
    buyer_id, address_id = chance.choice(town.buyers)
    line = LineAsked(sku_id=goods.sku_id, quantity=1, price_minor=goods.price_minor)
    return CheckoutAsked(
        buyer_id=buyer_id,
        key=str(maker.make(0)),
        request_hash=HASH,
        address_id=address_id,
        lines=[line],
        now=now,
    )


def _news(placed: Placed, now: datetime) -> CallbackNews:
    return CallbackNews(
        provider="sandbox",
        event_id=str(placed.payment_id),
        kind=NewsKind.PAID,
        payment_id=placed.payment_id,
        refund_id=None,
        amount_minor=placed.amount_minor,
        currency="CNY",
        provider_ref="bench",
        occurred_at=now,
    )


def _shipment(order_id: OrderId, shop_id: ShopId, now: datetime) -> Shipment:
    return Shipment(
        order_id=order_id,
        shop_id=shop_id,
        carrier="BENCH",
        waybill="B0000000",
        actor_id=None,
        at=now,
    )
