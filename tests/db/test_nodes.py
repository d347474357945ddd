import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from jishi import db
from jishi.db import Pool
from jishi.db.nodes import LEASE, NodesExhausted, lease_node, leased_maker
from jishi.kit.ids import NODES, IdMaker

SECONDS = 20


async def row_of(pool: Pool, node: int) -> Any:
    return await pool.fetchrow("SELECT * FROM node_lease WHERE node = $1", node)


@pytest_asyncio.fixture(loop_scope="session")
async def other_pool(database_dsn: str) -> AsyncIterator[Pool]:
    """As another process has it."""
    made = await db.open_pool(database_dsn, size=2, application="jishi other tests")
    yield made
    await made.close()


async def test_two_processes_never_share_a_node(pool: Pool, other_pool: Pool, ids: IdMaker) -> None:
    leases = await asyncio.gather(
        *(lease_node(each) for _ in range(15) for each in (pool, other_pool))
    )
    nodes = [lease.maker.node for lease in leases]
    assert len(set(nodes)) == len(nodes)
    assert ids.node not in nodes
    await asyncio.gather(*(lease.give_back() for lease in leases))


async def test_the_next_holder_of_a_node_starts_after_the_last_id_of_the_one_before(
    pool: Pool,
) -> None:
    first = await lease_node(pool)
    made = {first.maker.make(8) for _ in range(64 * 3_000)}  # three seconds ahead of the clock
    node = first.maker.node
    await first.give_back()
    second = await lease_node(pool)
    assert second.maker.node == node
    assert second.maker.make(8) > max(made)
    await second.give_back()


async def test_a_lease_that_ran_out_is_taken_over_and_its_old_holder_cannot_end_it(
    pool: Pool,
) -> None:
    old = await lease_node(pool)
    node = old.maker.node
    past = datetime.now(UTC) - timedelta(seconds=1)
    await pool.execute("UPDATE node_lease SET leased_until = $2 WHERE node = $1", node, past)
    new = await lease_node(pool)
    assert new.maker.node == node
    held_until = (await row_of(pool, node))["leased_until"]
    await old.give_back()
    assert (await row_of(pool, node))["leased_until"] == held_until
    await new.give_back()


async def test_who_lost_its_number_to_another_is_told_at_the_next_renewal(pool: Pool) -> None:
    old = await lease_node(pool)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await pool.execute(
        "UPDATE node_lease SET leased_until = $2 WHERE node = $1", old.maker.node, past
    )
    new = await lease_node(pool)
    assert new.maker.node == old.maker.node
    told: list[str] = []
    keeping = old.keep(every_seconds=0.01, when_lost=lambda: told.append("lost"))
    await asyncio.wait_for(keeping, SECONDS)
    assert told == ["lost"]
    await new.give_back()


async def test_a_lease_is_renewed_with_the_newest_moment_used(pool: Pool) -> None:
    lease = await lease_node(pool)
    node = lease.maker.node
    almost_over = datetime.now(UTC) + timedelta(seconds=5)
    await pool.execute("UPDATE node_lease SET leased_until = $2 WHERE node = $1", node, almost_over)
    keeping = asyncio.create_task(lease.keep(every_seconds=0.01))
    async with asyncio.timeout(SECONDS):
        while (await row_of(pool, node))["leased_until"] <= almost_over:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    keeping.cancel()
    row = await row_of(pool, node)
    assert row["leased_until"] > datetime.now(UTC) + LEASE / 2
    assert row["last_ms"] == lease.maker.newest_ms
    await lease.give_back()


async def test_renewing_outlives_a_restart_of_the_database(pool: Pool, database_dsn: str) -> None:
    weak = await db.open_pool(database_dsn, size=1, application="jishi weak tests")
    lease = await lease_node(weak)
    node = lease.maker.node
    keeping = asyncio.create_task(lease.keep(every_seconds=0.01))
    for _ in range(3):
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'jishi weak tests' AND datname = current_database()"
        )
        await asyncio.sleep(0.03)
    almost_over = datetime.now(UTC) + timedelta(seconds=5)
    await pool.execute("UPDATE node_lease SET leased_until = $2 WHERE node = $1", node, almost_over)
    async with asyncio.timeout(SECONDS):
        while (await row_of(pool, node))["leased_until"] <= almost_over:
            assert not keeping.done(), keeping.exception()
            await asyncio.sleep(0.01)
    keeping.cancel()
    await lease.give_back()
    await weak.close()


async def test_a_maker_holds_its_node_for_the_length_of_a_block(pool: Pool) -> None:
    async with leased_maker(pool) as maker:
        maker.make(3)
        assert (await row_of(pool, maker.node))["leased_until"] > datetime.now(UTC)
    row = await row_of(pool, maker.node)
    assert row["leased_until"] <= datetime.now(UTC)
    assert row["last_ms"] == maker.newest_ms


async def test_when_every_number_is_held_nobody_gets_one(pool: Pool) -> None:
    holder = f"tests:{os.getpid()}"
    await pool.execute(
        "INSERT INTO node_lease (node, holder, leased_until)"
        " SELECT n, $1, clock_timestamp() + interval '1 minute' FROM generate_series(0, $2 - 1) n"
        " ON CONFLICT (node) DO UPDATE SET holder = excluded.holder,"
        " leased_until = excluded.leased_until WHERE node_lease.leased_until < clock_timestamp()",
        holder,
        NODES,
    )
    try:
        with pytest.raises(NodesExhausted):
            await lease_node(pool)
    finally:
        await pool.execute("UPDATE node_lease SET leased_until = 'epoch' WHERE holder = $1", holder)
