"""Full orders a second over HTTP: place, pay by signed callback, ship in bulk, confirm by clock."""

import asyncio
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from jishi.bench import engine, floor
from jishi.bench.figures import latency_ms
from jishi.bench.market import Goods, Town, opened
from jishi.bench.site import People, Site, quiet, running, settle_in
from jishi.bench.wire import Connection
from jishi.db import Pool
from jishi.kit.ids import AddressId, IdMaker, ShopId
from jishi.modules.payments import callback_path, signing

SHIP_AT_ONCE: Final = 200
SHIP_PAUSE_SECONDS: Final = 0.05
DRAIN_SECONDS: Final = 60
PATH: Final = callback_path("sandbox")
_DONE: Final = "SELECT count(*) FROM sale_order WHERE state = 100"


@dataclass(slots=True)
class Load:
    """What the load generator knows."""

    site: Site
    town: Town
    people: People
    maker: IdMaker
    until: float
    placed: int = 0
    errors: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    place_seconds: list[float] = field(default_factory=list)
    pay_seconds: list[float] = field(default_factory=list)
    to_ship: dict[ShopId, list[str]] = field(default_factory=lambda: defaultdict(list))

    def fail(self, what: str, status: int, content: bytes) -> None:
        self.errors += 1
        key = f"{what} {status} {content[:160]!r}"
        self.answers[key] = self.answers.get(key, 0) + 1


async def run(
    dsn: str, *, seconds: float, connections: int, workers: int, with_floor: bool
) -> dict[str, Any]:
    """The figures of one run; the load generator shares the machine with the market."""
    async with opened(dsn) as (pool, maker):
        town, people = await settle_in(
            pool, maker, buyers=max(64, connections), shops=40, skus=20, stock=1_000_000_000
        )
        before = await pool.fetchval(_DONE)
        with running(dsn, workers=workers) as site:
            load = Load(site, town, people, maker, until=0)
            await _warm(load)
            started, cpu = time.perf_counter(), await _cpu(pool, site)
            load.until = started + seconds
            buyers = [_buyer(load, number) for number in range(connections)]
            shipping = asyncio.create_task(_ship(load))
            await asyncio.gather(*buyers)
            await shipping
            await quiet(pool, seconds=DRAIN_SECONDS)
            spent = time.perf_counter() - started
            cpu = {name: used - cpu[name] for name, used in (await _cpu(pool, site)).items()}
        done = await pool.fetchval(_DONE) - before
        figures: dict[str, Any] = {
            "full_orders_per_second": round(done / spent, 1),
            "orders": done,
            "placed": load.placed,
            "seconds": round(spent, 1),
            "connections": connections,
            "web_workers": workers,
            **latency_ms(load.place_seconds, "place"),
            **latency_ms(load.pay_seconds, "pay"),
            **{
                f"{name}_cpu_ms_per_order": round(used / max(1, done) * 1000, 3)
                for name, used in cpu.items()
            },
            "errors": load.errors + (load.placed - done),
        }
        if load.answers:
            figures["answers"] = dict(list(load.answers.items())[:5])
        if with_floor:
            figures |= await floor.measure(pool, maker, town, seconds=min(seconds, 10.0))
        return figures


async def _cpu(pool: Pool, site: Site) -> dict[str, float]:
    """Processor seconds so far of everything that shares the machine."""
    server = await engine.server_cpu_seconds(pool)
    return {**site.cpu_seconds(), "server": server, "client": time.process_time()}


async def _warm(load: Load) -> None:
    connection = await Connection.open("127.0.0.1", load.site.port)
    for token, _ in load.people.buyers:
        await connection.post("/api/v1/checkouts", {"authorization": f"Bearer {token}"}, b"{}")
    connection.close()


async def _buyer(load: Load, number: int) -> None:
    """Places and pays one order after another."""
    chance = random.Random(number)
    token, address_id = load.people.buyers[number % len(load.people.buyers)]
    connection = await Connection.open("127.0.0.1", load.site.port)
    while time.perf_counter() < load.until:
        await order_once(load, connection, token, address_id, chance.choice(load.town.goods))
    connection.close()


async def order_once(
    load: Load, connection: Connection, token: str, address_id: AddressId, goods: Goods
) -> bool:
    """Place an order and bring the news of its payment; whether both went well."""
    body = (
        f'{{"address_id":"{address_id}","lines":[{{"sku_id":"{goods.sku_id}","quantity":1,'
        f'"price_minor":{goods.price_minor}}}]}}'
    )
    headers = {"authorization": f"Bearer {token}", "idempotency-key": str(load.maker.make(0))}
    started = time.perf_counter()
    status, content = await connection.post("/api/v1/checkouts", headers, body.encode())
    load.place_seconds.append(time.perf_counter() - started)
    if status != 201:  # noqa: PLR2004
        load.fail("place", status, content)
        return False
    load.placed += 1
    placed = msgspec.json.decode(content)
    started = time.perf_counter()
    news, signed = _news(load, placed["payment_id"], placed["amount_minor"])
    status, content = await connection.post(PATH, signed, news)
    load.pay_seconds.append(time.perf_counter() - started)
    if status != 200:  # noqa: PLR2004
        load.fail("pay", status, content)
        return False
    load.to_ship[goods.shop_id] += placed["order_ids"]
    return True


def _news(load: Load, payment_id: str, amount_minor: int) -> tuple[bytes, dict[str, str]]:
    now = datetime.now(UTC)
    body = (
        f'{{"id":"e{payment_id}","event":"payment.paid","out_trade_no":"{payment_id}",'
        f'"trade_no":"t{payment_id}","amount_minor":{amount_minor},"currency":"CNY",'
        f'"occurred_at":"{now.isoformat()}"}}'
    ).encode()
    return body, signing.signed_headers(
        load.site.key, "POST", PATH, body, nonce=payment_id, now=now
    )


async def _ship(load: Load) -> None:
    """Ships what was paid, shop by shop, many at once."""
    connection = await Connection.open("127.0.0.1", load.site.port)
    headers = {"authorization": f"Bearer {load.people.owner}"}
    while time.perf_counter() < load.until or any(load.to_ship.values()):
        for shop_id in list(load.to_ship):
            waiting = load.to_ship[shop_id]
            some, load.to_ship[shop_id] = waiting[:SHIP_AT_ONCE], waiting[SHIP_AT_ONCE:]
            if not some:
                continue
            shipments = [
                {"order_id": each, "carrier": "BENCH", "waybill": f"B{each}"} for each in some
            ]
            body = msgspec.json.encode({"shipments": shipments})
            path = f"/api/v1/shops/{shop_id}/shipments"
            status, content = await connection.post(path, headers, body)
            if status != 200:  # noqa: PLR2004
                load.fail("ship", status, content)
        await asyncio.sleep(SHIP_PAUSE_SECONDS)
    connection.close()
