"""Backup and restore into a server that counts its transactions anew: no event lost or repeated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest

from jishi import cli, db, settings
from jishi.db import outbox
from jishi.db.embedded import open_database
from jishi.db.migrate import migrate
from jishi.db.outbox import Event, Listener, deliver, open_listener, retry_parked
from jishi.exits import Exit
from tests.support.folders import market_home

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)
CELLS = (0, 3, 255)

# Each round of the loop is a transaction of its own to the server's counter.
AGE = """
CREATE TEMP TABLE burnt (n int);
DO $$ BEGIN
    FOR n IN 1..5000 LOOP
        BEGIN INSERT INTO burnt VALUES (n); EXCEPTION WHEN division_by_zero THEN NULL; END;
    END LOOP;
END $$
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    topic: ClassVar[str] = "bells.rang"
    subject_id: int
    n: int
    occurred_at: datetime = NOON


@dataclass
class Ear:
    """A listener that writes down what it heard, by cell, and cannot bear some numbers."""

    name: str
    deaf_to: set[int] = field(default_factory=set)
    heard: dict[int, list[int]] = field(default_factory=lambda: {cell: [] for cell in CELLS})

    @property
    def listener(self) -> Listener:
        return Listener(name=self.name, topics=frozenset({"bells.rang"}), handle=self._hear)

    async def _hear(self, _tx: db.Tx, events: Sequence[Event], _now: datetime) -> None:
        for event in events:
            if event.payload["n"] in self.deaf_to:
                raise ValueError("too loud")
        for event in events:
            self.heard[(event.subject_id >> 14) & 255].append(event.payload["n"])

    async def listen(self, pool: db.Pool) -> None:
        await open_listener(pool, self.listener)
        while await deliver(pool, self.listener, now=NOON):
            pass


async def ring(pool: db.Pool, numbers: Sequence[int]) -> None:
    """One event per number and transaction; positions run against the transactions now and then."""
    for n in numbers:
        async with db.transaction(pool) as tx:
            await outbox.append(tx, [Rang(subject_id=cell << 14, n=n) for cell in CELLS])


async def ring_out_of_order(pool: db.Pool, first: int, second: int) -> None:
    """``second`` has the lower position but the later transaction."""
    async with pool.acquire() as one, pool.acquire() as two, one.transaction():
        await one.fetchval("SELECT pg_current_xact_id()")
        async with two.transaction():
            await outbox.append(two, [Rang(subject_id=cell << 14, n=second) for cell in CELLS])
        await outbox.append(one, [Rang(subject_id=cell << 14, n=first) for cell in CELLS])


def _home(home: Path, patch: pytest.MonkeyPatch) -> settings.Settings:
    patch.setenv("JISHI_HOME", str(home))
    return settings.load()


def _xid(dsn: str) -> int:
    with psycopg.connect(dsn) as link:
        row: Any = link.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        return int(row[0])


async def test_events_survive_into_a_younger_server_exactly_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, slow, late = Ear("quick"), Ear("slow", deaf_to={2}), Ear("late")
    file = tmp_path / "market.tar"
    with market_home() as home:
        chosen = _home(home, monkeypatch)
        with open_database(chosen) as dsn:
            migrate(dsn)
            with psycopg.connect(dsn, autocommit=True) as link:
                link.execute(AGE)
            pool = await db.open_pool(dsn, size=3)
            await ring(pool, [1, 2, 3])
            await slow.listen(pool)  # the second is parked
            await ring_out_of_order(pool, 4, 5)
            await quick.listen(pool)
            await open_listener(pool, late.listener)
            await pool.close()
            old_xid = _xid(dsn)
        assert cli.main(["backup", str(file)]) == Exit.OK

    with market_home() as home:
        chosen = _home(home, monkeypatch)
        assert cli.main(["restore", str(file)]) == Exit.OK
        with open_database(chosen) as dsn:
            assert _xid(dsn) < old_xid, "the test shows nothing unless the new server is younger"
            pool = await db.open_pool(dsn, size=3)
            await ring(pool, [6])
            await ring_out_of_order(pool, 7, 8)
            fresh = Ear("fresh")
            slow.deaf_to = {6}  # parks another; the first must still be there
            for ear in (quick, slow, late, fresh):
                await ear.listen(pool)
            parked = "SELECT count(*), count(DISTINCT position) FROM outbox_parked WHERE cell = 3"
            assert tuple(await pool.fetchrow(parked)) == (2, 2)
            slow.deaf_to = set()
            await retry_parked(pool, slow.listener, now=LATER)
            await pool.close()

    for cell in CELLS:
        assert quick.heard[cell] == late.heard[cell] == fresh.heard[cell] == list(range(1, 9))
        assert slow.heard[cell][:6] == [1, 3, 4, 5, 7, 8]
        assert sorted(slow.heard[cell]) == list(range(1, 9))
