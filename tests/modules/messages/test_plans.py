"""Boxes and threads go through their index, however many conversations a shop has ended."""

import pytest

from jishi.db import Tx, load_sql
from jishi.kit.ids import IdMaker, ShopId, cell_of
from jishi.modules.messages import storage
from tests.support.plans import kept_plan

# Twenty shops in one cell; of a hundred conversations of each ninety have ended and two wait.
_SEED = """
INSERT INTO conversation (cell, id, shop_id, buyer_id, seat_id, is_open, last_id, last_at, waiting_since,
    buyer_unread, created_at)
SELECT $1::smallint, $2::bigint + (n::bigint << 22), $3::bigint + n % 20, n / 20, n / 20 % 9, n / 20 % 100 >= 90,
    $2::bigint + (n::bigint << 22) + 1, now(), CASE WHEN n / 20 % 100 >= 98 THEN now() END, n % 3, now()
FROM generate_series(1, 20000) n
"""
_TALK = """
INSERT INTO message (cell, conversation_id, id, sender, kind, text, sent_at)
SELECT $1::smallint, $2::bigint + n % 50, $2::bigint + n, 'buyer', 'text', 'x', now()
FROM generate_series(1, 20000) n
"""
TOP = str(2**62)


@pytest.mark.parametrize(
    ("box", "mark", "index"),
    [
        ("open", TOP, "conversation_open"),
        ("mine", TOP, "conversation_by_seat"),
        ("closed", TOP, "conversation_closed"),
        ("waiting", "0", "conversation_waiting"),
    ],
)
async def test_every_box_walks_its_own_index(
    tx: Tx, ids: IdMaker, box: str, mark: str, index: str
) -> None:
    shop = ShopId(ids.make(9))
    await tx.execute(_SEED, cell_of(shop), ids.make(9) - (10**9 << 22), shop)
    await tx.execute("ANALYZE conversation")
    statement = load_sql("jishi.modules.messages", "shop_box")
    plan = await kept_plan(tx, statement, f"{shop}, '{box}', 3, {mark}, '2000-01-01', 31")
    assert f"{index} " in plan, plan
    assert "Seq Scan on conversation" not in plan, plan


@pytest.mark.parametrize(
    ("statement", "values"), [(storage._OLDER, f"{TOP}, 31"), (storage._NEWER, "1, 31")]
)
async def test_a_thread_is_read_from_where_it_goes_on(
    tx: Tx, ids: IdMaker, statement: str, values: str
) -> None:
    talk = ids.make(9)
    await tx.execute(_TALK, cell_of(talk), talk)
    await tx.execute("ANALYZE message")
    plan = await kept_plan(tx, statement, f"{talk}, {values}")
    assert "message_pkey" in plan, plan
    assert "Seq Scan" not in plan, plan


async def test_a_buyers_list_walks_its_index(tx: Tx, ids: IdMaker) -> None:
    shop = ShopId(ids.make(9))
    await tx.execute(_SEED, cell_of(shop), ids.make(9) - (10**9 << 22), shop)
    await tx.execute("ANALYZE conversation")
    plan = await kept_plan(tx, storage._OF_BUYER, f"7, {TOP}, 31")
    assert "conversation_by_buyer" in plan, plan
    unread = await kept_plan(tx, storage._UNREAD_OF_BUYER, "7")
    assert "conversation_unread_by_buyer" in unread, unread
