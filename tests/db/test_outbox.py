import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
import pytest_asyncio

from jishi.db import Pool, Tx, outbox, transaction
from jishi.db.outbox import RETRY_PAUSES, Event, Listener, deliver, open_listener, retry_parked
from jishi.kit.ids import IdMaker, cell_of
from tests.support.plans import plan_of, reading

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS = 20
TABLE = "CREATE TABLE IF NOT EXISTS test_heard (listener text, subject_id bigint, at timestamptz)"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Rang:
    topic: ClassVar[str] = "tests.rang"
    bell_id: int
    times: int
    ringer_id: int | None
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.bell_id


def rang(bell_id: int, times: int = 1) -> Rang:
    return Rang(bell_id, times, None, NOON)


class Ear:
    """A listener that writes down, in the database, what it hears of its own bells."""

    def __init__(self, pool: Pool, topics: Sequence[str] = ("tests.rang",)) -> None:
        self.pool = pool
        self.mine: set[int] = set()
        self.deaf_to: set[int] = set()
        self.events: list[Event] = []
        self.listener = Listener(f"tests.ear_{next(_numbers)}", frozenset(topics), self.handle)
        self.in_between: Callable[[Tx], Awaitable[Any]] | None = None

    async def handle(self, tx: Tx, events: Sequence[Event], now: datetime) -> None:
        mine = [event for event in events if event.subject_id in self.mine]
        await tx.executemany(
            "INSERT INTO test_heard VALUES ($1, $2, $3)",
            [(self.listener.name, event.subject_id, now) for event in mine],
        )
        if self.in_between and mine:
            await self.in_between(tx)
        deaf = [event.subject_id for event in mine if event.subject_id in self.deaf_to]
        if deaf:
            raise ValueError(f"cannot hear {deaf[0]}")
        self.events += mine

    async def ring(self, ids: IdMaker, count: int = 1, *, cell: int = 3) -> list[int]:
        bells = [ids.make(cell) for _ in range(count)]
        self.mine.update(bells)
        async with transaction(self.pool) as tx:
            await outbox.append(tx, [rang(bell) for bell in bells])
        return bells

    async def listen(self, *, now: datetime = NOON) -> None:
        """Take everything there is."""
        while await deliver(self.pool, self.listener, now=now):
            pass

    async def heard(self) -> list[int]:
        rows = await self.pool.fetch(
            "SELECT subject_id FROM test_heard WHERE listener = $1", self.listener.name
        )
        return [row["subject_id"] for row in rows]

    async def listen_until(self, count: int) -> list[int]:
        """Listen till ``count`` are heard: a stranger's open transaction may hold the horizon."""
        async with asyncio.timeout(SECONDS):
            while len(found := await self.heard()) < count:
                await self.listen()
                await asyncio.sleep(0.01)
        return found

    async def parked(self) -> list[Any]:
        rows: list[Any] = await self.pool.fetch(
            "SELECT * FROM outbox_parked WHERE listener = $1 ORDER BY position", self.listener.name
        )
        return rows


@pytest_asyncio.fixture(loop_scope="session")
async def ear(pool: Pool) -> AsyncIterator[Ear]:
    await pool.execute(TABLE)
    made = Ear(pool)
    await open_listener(pool, made.listener)
    yield made
    for table in ("outbox_cursor", "outbox_parked", "test_heard"):
        await pool.execute(f"DELETE FROM {table} WHERE listener = $1", made.listener.name)


async def test_an_event_carries_its_facts_with_ids_as_text(ear: Ear, ids: IdMaker) -> None:
    bell, ringer = ids.make(9), ids.make(9)
    ear.mine.add(bell)
    async with transaction(ear.pool) as tx:
        await outbox.append(tx, [Rang(bell, 3, ringer, NOON)])
    await ear.listen_until(1)
    event = ear.events[0]
    assert (event.topic, event.subject_id, event.occurred_at) == ("tests.rang", bell, NOON)
    assert event.payload == {"bell_id": str(bell), "times": 3, "ringer_id": str(ringer)}


async def test_no_events_are_no_work(tx: Tx) -> None:
    await outbox.append(tx, [])
    assert await tx.fetchval("SELECT pg_current_xact_id_if_assigned()") is None


async def test_what_is_rolled_back_was_never_said(ear: Ear, ids: IdMaker) -> None:
    bell = ids.make(0)
    ear.mine.add(bell)

    async def fail() -> None:
        async with transaction(ear.pool) as tx:
            await outbox.append(tx, [rang(bell)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    later = await ear.ring(ids)
    assert await ear.listen_until(1) == later


async def test_every_event_is_heard_once_in_order_within_its_cell(ear: Ear, ids: IdMaker) -> None:
    rung: dict[int, list[int]] = {}
    for turn in range(30):
        cell = (1, 77, 255)[turn % 3]
        rung.setdefault(cell, []).extend(await ear.ring(ids, 1 + turn % 4, cell=cell))
    total = sum(len(bells) for bells in rung.values())
    found = await ear.listen_until(total)
    for cell, bells in rung.items():
        assert [each for each in found if cell_of(each) == cell] == bells
    await ear.listen()
    assert len(await ear.heard()) == total


async def test_more_than_a_batch_is_heard_batch_by_batch(ear: Ear, ids: IdMaker) -> None:
    rung = await ear.ring(ids, outbox.BATCH * 2 + 7)
    assert await ear.listen_until(len(rung)) == rung


async def test_other_topics_pass_by(ear: Ear, ids: IdMaker) -> None:
    deaf = Ear(ear.pool, topics=("tests.never",))
    await open_listener(ear.pool, deaf.listener)
    deaf.mine = set(await ear.ring(ids, 5))
    ear.mine |= deaf.mine
    await ear.listen_until(5)
    await deaf.listen()
    assert await deaf.heard() == []
    await ear.pool.execute("DELETE FROM outbox_cursor WHERE listener = $1", deaf.listener.name)


async def test_a_listener_that_comes_late_hears_what_is_kept(ear: Ear, ids: IdMaker) -> None:
    rung = await ear.ring(ids, 3)
    late = Ear(ear.pool)
    late.mine = set(rung)
    await open_listener(ear.pool, late.listener)
    try:
        assert await late.listen_until(3) == rung
    finally:
        await ear.pool.execute("DELETE FROM outbox_cursor WHERE listener = $1", late.listener.name)
        await ear.pool.execute("DELETE FROM test_heard WHERE listener = $1", late.listener.name)


@pytest.mark.parametrize("lower_first", [True, False], ids=["position", "transaction"])
async def test_a_slow_transaction_with_a_lower_place_is_not_passed(
    ear: Ear, ids: IdMaker, *, lower_first: bool
) -> None:
    """The slow one holds the lower position, or only the lower transaction id."""
    slow_bell, quick_bell = ids.make(3), ids.make(3)
    ear.mine = {slow_bell, quick_bell}
    async with ear.pool.acquire() as slow:
        held_open = slow.transaction()
        await held_open.start()
        await slow.execute("SELECT pg_current_xact_id()")
        if lower_first:
            await outbox.append(slow, [rang(slow_bell)])
        async with transaction(ear.pool) as quick:
            await outbox.append(quick, [rang(quick_bell)])
        await ear.listen()
        assert await ear.heard() == []  # reading on would lose the slow one for good
        if not lower_first:
            await outbox.append(slow, [rang(slow_bell)])
        await held_open.commit()
    assert await ear.listen_until(2) == [slow_bell, quick_bell]


async def test_transactions_that_end_in_any_order_lose_nothing(ear: Ear, ids: IdMaker) -> None:
    bells = [ids.make(3) for _ in range(40)]
    ear.mine = set(bells)
    listening = asyncio.ensure_future(ear.listen_until(len(bells)))

    async def ring(at: int) -> None:
        async with transaction(ear.pool) as tx:
            await outbox.append(tx, [rang(bells[at])])
            await asyncio.sleep((at * 7 % 11) / 500)

    room = asyncio.Semaphore(6)

    async def in_turn(at: int) -> None:
        async with room:
            await ring(at)

    await asyncio.gather(*(in_turn(at) for at in range(len(bells))))
    await listening
    await ear.listen()
    assert sorted(await ear.heard()) == sorted(bells)


async def test_two_processes_share_a_listener_without_hearing_twice(ear: Ear, ids: IdMaker) -> None:
    rung = [bell for cell in range(0, 256, 16) for bell in await ear.ring(ids, 5, cell=cell)]
    async with asyncio.timeout(SECONDS):
        while len(await ear.heard()) < len(rung):
            await asyncio.gather(*(ear.listen() for _ in range(4)))
    assert sorted(await ear.heard()) == sorted(rung)


async def test_an_event_that_cannot_be_taken_is_parked_and_the_rest_goes_on(
    ear: Ear, ids: IdMaker
) -> None:
    rung = await ear.ring(ids, 9)
    ear.deaf_to = {rung[4]}
    assert await ear.listen_until(8) == rung[:4] + rung[5:]
    (parked,) = await ear.parked()
    assert parked["subject_id"] == rung[4]
    assert parked["attempts"] == 1
    assert parked["last_error"] == f"ValueError: cannot hear {rung[4]}"
    assert parked["retry_at"] == NOON + RETRY_PAUSES[0]
    later = await ear.ring(ids, 2)
    assert (await ear.listen_until(10))[-2:] == later


async def test_a_parked_event_waits_longer_each_time_and_then_for_a_person(
    ear: Ear, ids: IdMaker
) -> None:
    (bell,) = await ear.ring(ids)
    ear.deaf_to = {bell}
    now = NOON
    async with asyncio.timeout(SECONDS):
        while not await ear.parked():
            await ear.listen(now=now)
    for attempt, pause in enumerate(RETRY_PAUSES, start=1):
        assert (
            await retry_parked(ear.pool, ear.listener, now=now + pause - timedelta(seconds=1)) == 0
        )
        (parked,) = await ear.parked()
        assert (parked["attempts"], parked["retry_at"]) == (attempt, now + pause)
        now += pause
        assert await retry_parked(ear.pool, ear.listener, now=now) == 0
    (parked,) = await ear.parked()
    assert (parked["attempts"], parked["retry_at"]) == (len(RETRY_PAUSES) + 1, None)
    assert await ear.heard() == []


async def test_a_parked_event_is_heard_once_when_the_fault_is_gone(ear: Ear, ids: IdMaker) -> None:
    (bell,) = await ear.ring(ids)
    ear.deaf_to = {bell}
    async with asyncio.timeout(SECONDS):
        while not await ear.parked():
            await ear.listen()
    ear.deaf_to = set()
    later = NOON + timedelta(minutes=1)
    tried = await asyncio.gather(
        *(retry_parked(ear.pool, ear.listener, now=later) for _ in range(3))
    )
    assert sorted(tried) == [0, 0, 1]
    assert await ear.heard() == [bell]
    assert (await ear.parked())[0]["done_at"] == later
    assert await retry_parked(ear.pool, ear.listener, now=later + timedelta(days=1)) == 0


async def test_what_a_failing_listener_wrote_is_undone(ear: Ear, ids: IdMaker) -> None:
    rung = await ear.ring(ids, 3)
    ear.deaf_to = set(rung)
    async with asyncio.timeout(SECONDS):
        while len(await ear.parked()) < 3:
            await ear.listen()
    assert await ear.heard() == []


async def test_a_connection_killed_in_the_middle_has_no_effect_and_loses_nothing(
    ear: Ear, ids: IdMaker
) -> None:
    await ear.listen()
    rung = await ear.ring(ids, 4)
    killed = 0

    async def die(tx: Tx) -> None:
        nonlocal killed
        killed += 1
        if killed <= 2:
            await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    ear.in_between = die
    async with asyncio.timeout(SECONDS):
        while len(await ear.heard()) < 4:
            try:
                await ear.listen()
            except Exception:  # noqa: BLE001 — the worker logs it and comes again
                assert await ear.heard() == []
    assert killed == 3
    assert await ear.heard() == rung
    assert await ear.parked() == []


async def test_a_listener_with_patience_leaves_young_events_and_what_stands_behind_them(
    ear: Ear, ids: IdMaker
) -> None:
    """Its cell holds only what this test rings, so that nobody else's young event stands before."""
    cell = 254
    now = datetime.now(UTC) + timedelta(days=2)
    await ear.listen(now=now)
    patient = replace(ear.listener, delay=timedelta(seconds=5))
    moments = [now - timedelta(seconds=9), now - timedelta(seconds=4), now - timedelta(seconds=9)]
    bells = [ids.make(cell) for _ in moments]
    ear.mine = set(bells)
    for bell, moment in zip(bells, moments, strict=True):
        async with transaction(ear.pool) as tx:
            await outbox.append(tx, [Rang(bell, 1, None, moment)])
    for seconds, heard in ((0, bells[:1]), (1, bells)):
        async with asyncio.timeout(SECONDS):
            while len(await ear.heard()) < len(heard):
                await deliver(ear.pool, patient, now=now + timedelta(seconds=seconds))
        while await deliver(ear.pool, patient, now=now + timedelta(seconds=seconds)):
            pass
        assert await ear.heard() == heard


async def test_the_next_events_are_found_by_the_primary_key(tx: Tx, ids: IdMaker) -> None:
    await tx.execute(
        "INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)"
        " SELECT 5, 'tests.many', at, '{}', $1 FROM generate_series(1, 20000) at",
        NOON,
    )
    await tx.execute("INSERT INTO outbox_cursor (cell, listener) VALUES (5, 'tests.plan')")
    await tx.execute("ANALYZE outbox, outbox_cursor")
    plan = await plan_of(tx, outbox._NEXT, "tests.plan", outbox.BATCH, ["tests.many"], None)
    assert "outbox_pkey" in plan
    assert "Seq Scan on outbox o" not in plan
    async with reading(tx) as reads:
        await tx.fetch(outbox._NEXT, "tests.plan", outbox.BATCH, ["tests.many"], None)
    assert reads.scanned == []
    assert reads.rows < outbox.BATCH * 3
