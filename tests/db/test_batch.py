import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import pytest

from jishi.db import Pool, Tx
from jishi.db.batch import Batcher, TooBusy, batched
from jishi.db.retry import TRIES, in_transaction
from jishi.kit.ids import IdMaker

SECONDS = 10


class Desk:
    """Answers a batch with twice each number; remembers the batches; waits while it is shut."""

    def __init__(self, *, bad: Sequence[int] = (), open_at_once: bool = True) -> None:
        self.batches: list[list[int]] = []
        self.running = self.most_running = 0
        self._bad = set(bad)
        self.doors = asyncio.Event()
        if open_at_once:
            self.doors.set()

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.doors.wait()
            if self._bad & set(items):
                raise ValueError(sorted(self._bad & set(items)))
            return [item * 2 for item in items]
        finally:
            self.running -= 1


async def test_a_lone_request_goes_at_once() -> None:
    desk = Desk()
    batcher = Batcher(desk)
    waiting = asyncio.ensure_future(batcher.submit(1))
    turns = 0
    while not waiting.done():
        await asyncio.sleep(0)
        turns += 1
    assert waiting.result() == 2
    assert turns < 10  # a few turns of the loop, no timer


async def test_one_after_another_never_waits_for_a_third() -> None:
    batcher = Batcher(Desk())
    async with asyncio.timeout(SECONDS):
        assert [await batcher.submit(number) for number in range(50)] == list(range(0, 100, 2))


async def test_one_after_another_goes_on_after_a_failure() -> None:
    batcher = Batcher(Desk(bad=[3]))
    async with asyncio.timeout(SECONDS):
        for number in range(6):
            if number == 3:
                with pytest.raises(ValueError, match="3"):
                    await batcher.submit(number)
            else:
                assert await batcher.submit(number) == number * 2


async def test_those_who_come_during_a_batch_go_together_in_order() -> None:
    desk = Desk(open_at_once=False)
    batcher = Batcher(desk)
    first = asyncio.ensure_future(batcher.submit(0))
    await asyncio.sleep(0.01)
    rest = [asyncio.ensure_future(batcher.submit(number)) for number in range(1, 40)]
    await asyncio.sleep(0.01)
    desk.doors.set()
    assert await asyncio.gather(first, *rest) == [number * 2 for number in range(40)]
    assert desk.batches == [[0], list(range(1, 40))]


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (8, [8]), (9, [8, 1]), (24, [8, 8, 8])])
async def test_a_batch_is_never_larger_than_its_size(count: int, sizes: list[int]) -> None:
    desk = Desk()
    batcher = Batcher(desk, size=8)
    await asyncio.gather(*(batcher.submit(number) for number in range(count)))
    assert [len(batch) for batch in desk.batches] == sizes


async def test_lanes_bound_how_many_batches_run_at_once() -> None:
    desk = Desk(open_at_once=False)
    batcher = Batcher(desk, size=1, lanes=3)
    waiting = [asyncio.ensure_future(batcher.submit(number)) for number in range(10)]
    await asyncio.sleep(0.01)
    assert desk.running == 3
    desk.doors.set()
    await asyncio.gather(*waiting)
    assert desk.most_running == 3
    assert [item for batch in desk.batches for item in batch] == list(range(10))


@pytest.mark.parametrize(
    ("_case", "bad"),
    [
        ("the first", [0]),
        ("the last", [15]),
        ("two neighbours", [6, 7]),
        ("all", list(range(16))),
        ("every other", list(range(0, 16, 2))),
    ],
)
async def test_a_bad_item_fails_alone(_case: str, bad: list[int]) -> None:
    batcher = Batcher(Desk(bad=bad), size=16)
    answers = await asyncio.gather(
        *(batcher.submit(number) for number in range(16)), return_exceptions=True
    )
    for number, answer in enumerate(answers):
        if number in bad:
            assert isinstance(answer, ValueError)
        else:
            assert answer == number * 2


async def test_too_many_waiting_are_told_so_and_the_rest_is_served() -> None:
    desk = Desk(open_at_once=False)
    batcher = Batcher(desk, size=4, waiting_max=10)
    first = asyncio.ensure_future(batcher.submit(0))
    await asyncio.sleep(0.01)
    queued = [asyncio.ensure_future(batcher.submit(number)) for number in range(1, 11)]
    await asyncio.sleep(0.01)
    with pytest.raises(TooBusy):
        await batcher.submit(99)
    desk.doors.set()
    assert await asyncio.gather(first, *queued) == [number * 2 for number in range(11)]
    assert await batcher.submit(99) == 198


async def test_who_goes_away_leaves_the_others_alone() -> None:
    desk = Desk(open_at_once=False)
    batcher = Batcher(desk)
    waiting = [asyncio.ensure_future(batcher.submit(number)) for number in range(5)]
    await asyncio.sleep(0.01)
    waiting[2].cancel()
    desk.doors.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers[2], asyncio.CancelledError)
    assert [answers[at] for at in (0, 1, 3, 4)] == [0, 2, 6, 8]


async def test_an_answer_short_of_the_batch_is_an_error_for_those_it_misses() -> None:
    async def forgetful(items: Sequence[int]) -> list[int]:
        return [item for item in items if item != 2]

    batcher = Batcher(forgetful)
    answers = await asyncio.gather(
        *(batcher.submit(number) for number in range(4)), return_exceptions=True
    )
    assert isinstance(answers[2], AssertionError)
    assert [answers[at] for at in (0, 1, 3)] == [0, 1, 3]


async def test_a_batch_is_one_transaction_and_a_bad_item_undoes_only_itself(
    pool: Pool, ids: IdMaker
) -> None:
    await pool.execute("CREATE TABLE IF NOT EXISTS test_batch (id bigint PRIMARY KEY, xid xid8)")

    async def write(tx: Tx, items: Sequence[int]) -> Sequence[int]:
        insert = "INSERT INTO test_batch VALUES ($1, pg_current_xact_id())"
        await tx.executemany(insert, [(item,) for item in items])
        return items

    numbers = [ids.make(0) for _ in range(20)]
    batcher = batched(pool, write)
    await asyncio.gather(*(batcher.submit(number) for number in numbers))
    read = "SELECT count(*), count(DISTINCT xid) FROM test_batch WHERE id = ANY ($1)"
    assert tuple(await pool.fetchrow(read, numbers)) == (20, 1)

    fresh = [ids.make(0) for _ in range(9)]
    answers = await asyncio.gather(
        *(batcher.submit(number) for number in [*fresh, numbers[0]]), return_exceptions=True
    )
    assert answers[:-1] == fresh
    assert isinstance(answers[-1], asyncpg.UniqueViolationError)
    assert (await pool.fetchrow(read, fresh))[0] == 9


async def test_a_deadlock_is_tried_again_and_anything_else_is_not(pool: Pool) -> None:
    tried: list[str] = []
    transactions: list[str] = []

    async def unlucky_once(tx: Tx) -> str:
        tried.append("deadlock")
        transactions.append(await tx.fetchval("SELECT pg_current_xact_id()::text"))
        if len(tried) == 1:
            raise asyncpg.DeadlockDetectedError
        return "done"

    assert await in_transaction(pool, unlucky_once) == "done"
    assert len(set(transactions)) == len(transactions) == 2

    async def broken(_tx: Tx) -> str:
        tried.append("broken")
        raise ValueError

    with suppress(ValueError):
        await in_transaction(pool, broken)
    assert tried == ["deadlock", "deadlock", "broken"]


async def test_endless_deadlocks_end(pool: Pool) -> None:
    tried = 0

    async def never(_tx: Tx) -> None:
        nonlocal tried
        tried += 1
        raise asyncpg.SerializationError

    with pytest.raises(asyncpg.SerializationError):
        await in_transaction(pool, never)
    assert tried == TRIES
