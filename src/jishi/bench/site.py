"""A running market for HTTP benchmarks: web workers and the worker as processes of their own."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from jishi.bench.market import Town, build_town
from jishi.db import Pool
from jishi.kit.ids import AccountId, AddressId, IdMaker
from jishi.modules import accounts
from jishi.settings import Settings, read_key

START_SECONDS: Final = 30
STOP_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Site:
    """Where it listens, and the key its payment provider signs with."""

    port: int
    key: bytes
    processes: dict[str, int]  # name → process id

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time so far, by process with its children."""
        return {name: _cpu_seconds(pid) for name, pid in self.processes.items()}


@dataclass(frozen=True, slots=True)
class People:
    """Bearer tokens: of buyers with their addresses, and of the owner of all shops."""

    buyers: list[tuple[str, AddressId]]
    owner: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(dsn: str, *, workers: int) -> Iterator[Site]:
    """Web and worker on ``dsn`` until the block ends; receipt is confirmed by the clock at once."""
    with tempfile.TemporaryDirectory(prefix="jishi-bench-home-") as home:
        port = free_port()
        environment = {
            **os.environ,
            "JISHI_HOME": home,
            "JISHI_DATABASE_URL": dsn,
            "JISHI_PORT": str(port),
            "JISHI_WORKERS": str(workers),
            "JISHI_CONFIRM_DAYS": "0",
            "JISHI_LIMIT_FACTOR": "0",
            "JISHI_LOG_LEVEL": "error",
        }
        key = read_key(Settings(home=Path(home)).sandbox_key_file)
        started = {name: _start(name, environment) for name in ("web", "worker")}
        processes = list(started.values())
        try:
            _wait(port, processes)
            yield Site(port, key, {name: each.pid for name, each in started.items()})
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_SECONDS)
                process.kill()


def _cpu_seconds(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(each.cpu_times().user + each.cpu_times().system for each in family)
    except psutil.NoSuchProcess:
        return 0.0


def _start(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 — our own program
        [sys.executable, "-m", "jishi", name], env=environment, stdout=sys.stderr
    )


def _wait(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if any(process.poll() is not None for process in processes):
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            if b" 200 " in link.recv(64):
                return
        time.sleep(0.1)
    raise RuntimeError("the market did not start; what it said stands above")


async def settle_in(
    pool: Pool, maker: IdMaker, *, buyers: int, shops: int, skus: int, stock: int
) -> tuple[Town, People]:
    """Shops of one owner with goods, and buyers with accounts, addresses and sessions."""
    now = datetime.now(UTC)
    password = await accounts.hash_password("bench " + os.urandom(8).hex())
    tokens: list[str] = []
    ids: list[AccountId] = []
    async with pool.acquire() as tx, tx.transaction():
        for at in range(buyers + 1):
            account_id = await accounts.open_account(
                tx,
                maker,
                name=f"Bench {at}",
                logins=[f"bench{maker.make(0)}@bench.example"],
                password_hash=password,
                now=now,
            )
            token = await accounts.open_session(
                tx, maker, account_id, device="bench", is_api=True, now=now
            )
            ids.append(account_id)
            tokens.append(token)
    town = await build_town(
        pool, maker, shops=shops, skus=skus, people=ids[1:], owner_id=ids[0], stock=stock
    )
    addresses = [address_id for _, address_id in town.buyers]
    return town, People(list(zip(tokens[1:], addresses, strict=True)), tokens[0])


async def quiet(pool: Pool, *, seconds: float) -> None:
    """Wait until nothing is left to confirm, at most ``seconds``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not await pool.fetchval("SELECT EXISTS (SELECT FROM sale_order WHERE state = 30)"):
            return
        await asyncio.sleep(0.1)
