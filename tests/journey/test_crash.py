"""SIGKILL of every process in turn while a town buys: nothing acknowledged is lost or doubled.

Four kills in the usual run; twenty, over every process, with JISHI_LONG=1.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
import psutil
import psycopg
import pytest

from jishi.demo.town import Tally, Town, TownPlan
from jishi.settings import read_key
from tests.support.folders import market_home
from tests.support.running import RunningMarket, running_market

pytestmark = pytest.mark.journey

LONG = os.environ.get("JISHI_LONG") == "1"
ROLES = ("web worker", "worker", "sandbox", "postgres")
KILLS = [*(*ROLES, "web") * 4] if LONG else [*ROLES]
RATE = 240  # checkouts a minute
LOAD_SECONDS = 2.0  # between a recovery and the next kill
BACK_SECONDS = 60.0
QUIET_SECONDS = 180.0 if LONG else 90.0  # a callback that was cut off comes again within a minute
PATIENCE_SECONDS = 60.0
NO_LIMITS = {"JISHI_LIMIT_FACTOR": "0", "JISHI_WORKERS": "2"}

HAS_LEFT = {30, 100}
STANDS = {20, 21, *HAS_LEFT}


@dataclass(slots=True)
class Victim:
    """A running market whose processes can be killed by role."""

    market: RunningMarket

    def pids(self, role: str) -> list[int]:
        """Process numbers of a role, as they are now."""
        with contextlib.suppress(psutil.Error, OSError, ValueError, IndexError):
            if role == "postgres":
                pid_file = self.market.home / "postgres" / "data" / "postmaster.pid"
                return [_alive(int(pid_file.read_text().splitlines()[0]))]
            main = self.market.children().get("web" if role == "web worker" else role)
            if main is not None:
                below = psutil.Process(main).children() if role == "web worker" else []
                workers = [it.pid for it in below if it.cmdline()[-2:] == ["jishi", "web"]]
                return [_alive(pid) for pid in (workers if role == "web worker" else [main])]
        return []

    async def kill(self, role: str) -> None:
        """SIGKILL one of them, and wait until another has taken its place and all answer."""
        before = self.pids(role)
        assert before, f"no {role} to kill: {self.told()}"
        os.kill(before[0], signal.SIGKILL)
        await self._until(lambda: set(self.pids(role)) - set(before), f"{role} came back")
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            urls = [f"{self.market.base_url}/", f"{self._sandbox_url}/health"]
            until = time.monotonic() + BACK_SECONDS
            while not await _all_answer(client, urls):
                assert time.monotonic() < until, f"{role}: no answer again: {self.told()}"
                await asyncio.sleep(0.1)

    async def _until(self, holds: object, what: str) -> None:
        assert callable(holds)
        until = time.monotonic() + BACK_SECONDS
        while not holds():
            assert time.monotonic() < until, f"not: {what}: {self.told()}"
            await asyncio.sleep(0.05)

    @property
    def _sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.market.sandbox_port}"

    def told(self) -> str:
        """What everybody said last."""
        logs = sorted((self.market.home / "logs").glob("*.log"))
        tails = [f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in logs]
        return "\n".join([self.market.output[-1500:], *tails, *self._family(), *self._sessions()])

    def _family(self) -> list[str]:
        """Every process of the market and what it does."""
        assert self.market.process
        lines = ["--- processes"]
        for each in psutil.Process(self.market.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                words, ports = each.cmdline()[-2:], [it.laddr[1] for it in each.net_connections()]
                facts = (each.pid, each.ppid(), each.status(), words, each.cpu_times()[:2])
                lines.append(f"{facts} {len(ports)} connections at {sorted(set(ports))[:4]}")
        return lines

    def _sessions(self) -> list[str]:
        """What PostgreSQL is asked just now."""
        asked = (
            "SELECT pid, application_name, state, wait_event_type, wait_event,"
            " clock_timestamp() - query_start, left(query, 80) FROM pg_stat_activity"
            " WHERE datname IS NOT NULL ORDER BY query_start LIMIT 40"
        )
        try:
            with psycopg.connect(self.market.server.dsn(), connect_timeout=5) as link:
                return ["--- sessions", *(str(row) for row in link.execute(asked))]
        except psycopg.Error as problem:
            return ["--- sessions", str(problem)]


async def test_nothing_acknowledged_is_lost_or_doubled() -> None:
    with market_home() as home, running_market(home, arguments=(), environment=NO_LIMITS) as market:
        market.wait_open()
        victim = Victim(market)
        async with _town(market) as town:
            await asyncio.sleep(LOAD_SECONDS)
            for role in KILLS:
                await victim.kill(role)
                await asyncio.sleep(LOAD_SECONDS)
        tally = town.tally
        assert tally.error_count == 0, (tally.errors, victim.told())
        assert tally.interruptions, "nothing was under way when processes were killed"
        assert len(tally.placed) >= 3 * len(KILLS), tally.counts()
        link = await asyncpg.connect(market.server.dsn())
        try:
            await _wait_for_quiet(link, tally, victim)
            await _check_orders(link, tally)
            await _check_payments(link, tally)
        finally:
            await link.close()
        _verify(market)


@asynccontextmanager
async def _town(market: RunningMarket) -> AsyncIterator[Town]:
    """A town at work; at the end of the block it closes and what is under way ends."""
    plan = TownPlan(
        url=market.base_url,
        sandbox_key=read_key(market.home / "sandbox.key"),
        rate=RATE,
        patience_seconds=PATIENCE_SECONDS,
        shows_line=False,
    )
    town = Town(plan)
    running = asyncio.create_task(town.run())
    try:
        yield town
    finally:
        town.stop.set()
        await running


async def _wait_for_quiet(
    link: "asyncpg.Connection[asyncpg.Record]", tally: Tally, victim: Victim
) -> None:
    """Until every payment the provider took is known, every refund ended, every event heard."""
    until = time.monotonic() + QUIET_SECONDS
    while True:
        unheard = await link.fetchval(
            "SELECT count(*) FROM payment WHERE id = ANY ($1) AND state <> 'paid'",
            [int(payment_id) for payment_id in tally.paid],
        )
        refunds = await link.fetchval("SELECT count(*) FROM refund WHERE state <> 'confirmed'")
        waiting = await link.fetchval(
            "SELECT count(*) FROM outbox_cursor c JOIN outbox o USING (cell)"
            " WHERE (o.xid, o.position) > (c.xid, c.position)"
        )
        parked = await link.fetchval("SELECT count(*) FROM outbox_parked WHERE done_at IS NULL")
        left = {"payments": unheard, "refunds": refunds, "events": waiting, "parked": parked}
        if not any(left.values()):
            return
        assert time.monotonic() < until, f"not quiet: {left}: {victim.told()}"
        await asyncio.sleep(1)


async def _check_orders(link: "asyncpg.Connection[asyncpg.Record]", tally: Tally) -> None:
    """Each acknowledged checkout is there once with all its orders; each step it took shows."""
    for placed in tally.placed:
        checkouts = await link.fetch(
            "SELECT * FROM checkout WHERE idempotency_key = $1", placed.key
        )
        assert len(checkouts) == 1, f"{placed.key} stands {len(checkouts)} times"
        checkout = checkouts[0]
        assert str(checkout["id"]) == placed.checkout_id
        assert [str(it) for it in checkout["order_ids"]] == list(placed.order_ids)
        assert checkout["amount_minor"] == placed.amount_minor
    ids = [int(order_id) for placed in tally.placed for order_id in placed.order_ids]
    assert len(set(ids)) == len(ids)
    rows = await link.fetch(
        "SELECT id, state, amount_minor, checkout_id FROM sale_order WHERE id = ANY ($1)", ids
    )
    state = {str(row["id"]): row["state"] for row in rows}
    assert len(rows) == len(ids) == len(state)
    assert sum(row["amount_minor"] for row in rows) == sum(it.amount_minor for it in tally.placed)
    assert all(state[it] in HAS_LEFT for it in tally.shipped)
    assert all(state[it] == 100 for it in tally.confirmed)
    assert all(state[it] == 250 for it in tally.cancelled)
    assert all(state[it] == 200 for it in tally.refunded)
    ours = {int(placed.checkout_id) for placed in tally.placed}
    strays = await link.fetchval(
        "SELECT count(*) FROM sale_order o WHERE NOT EXISTS"
        " (SELECT FROM checkout c WHERE c.id = o.checkout_id AND o.id = ANY (c.order_ids))"
    )
    assert strays == 0
    assert len(ours) == len(tally.placed)


async def _check_payments(link: "asyncpg.Connection[asyncpg.Record]", tally: Tally) -> None:
    """What the provider took reached each order once: it stands paid, or the money went back."""
    orders_of = {placed.payment_id: placed for placed in tally.placed}
    for payment_id in sorted(tally.paid):
        placed = orders_of[payment_id]
        parts = await link.fetch(
            "SELECT p.*, o.state, o.amount_minor AS order_minor,"
            " coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.cell = p.cell"
            "  AND r.order_id = p.order_id AND r.state = 'confirmed'), 0) AS back_minor"
            " FROM payment_part p JOIN sale_order o ON o.cell = p.cell AND o.id = p.order_id"
            " WHERE p.payment_id = $1",
            int(payment_id),
        )
        assert sorted(str(part["order_id"]) for part in parts) == sorted(placed.order_ids)
        assert sum(part["amount_minor"] for part in parts) == placed.amount_minor
        for part in parts:
            stands = part["outcome"] != "returned" and part["state"] in STANDS
            went_back = part["back_minor"] == part["amount_minor"]
            assert stands != went_back, dict(part)


def _verify(market: RunningMarket) -> None:
    inherited = {name: it for name, it in os.environ.items() if not name.startswith("JISHI_")}
    done = subprocess.run(
        [sys.executable, "-m", "jishi", "verify", "--json"],
        env={**inherited, "JISHI_HOME": str(market.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["ok"], [check for check in said["checks"] if not check["ok"]]


async def _all_answer(client: httpx.AsyncClient, urls: list[str]) -> bool:
    try:
        return all([(await client.get(url)).is_success for url in urls])
    except httpx.HTTPError:
        return False


def _alive(pid: int) -> int:
    """``pid`` when such a process works. Raises psutil.Error when it is gone or a zombie."""
    if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
        raise psutil.ZombieProcess(pid)
    return pid
