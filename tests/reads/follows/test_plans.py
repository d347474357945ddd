"""Lists of what one keeps go through their index, however much others keep."""

import pytest

from jishi.db import Tx, load_sql
from jishi.kit.ids import AccountId, IdMaker, cell_of
from tests.support.makers import a_town
from tests.support.plans import kept_plan

# Two hundred people in one cell, each with a hundred of a kind.
_FAVOURITES = """
INSERT INTO favourite (cell, account_id, product_id, position, price_minor, added_at)
SELECT $1::smallint, $2::bigint + n % 200, $3::bigint + n, $4::bigint + (n::bigint << 22), 1, now()
FROM generate_series(0, 19999) n
"""
_FOLLOWS = """
INSERT INTO shop_follow (cell, account_id, shop_id, position, followed_at)
SELECT $1::smallint, $2::bigint + n % 200, $3::bigint + n, $4::bigint + (n::bigint << 22), now()
FROM generate_series(0, 19999) n
"""


@pytest.mark.parametrize(
    ("name", "tail", "index"),
    [
        ("favourites", f"{2**62}, 21", "favourite_newest"),
        ("shops", f"{2**62}, 21, '2026-01-01'", "shop_follow_newest"),
        ("news", f"{2**62}, 21, 200", "shop_follow_newest"),
    ],
)
async def test_lists_of_things_kept_go_through_their_index(
    tx: Tx, ids: IdMaker, name: str, tail: str, index: str
) -> None:
    me = AccountId(ids.make(3))
    goods = (await a_town(tx, ids, shops=1, skus=2, buyers=0)).goods[0]
    start = ids.make(3) - (10**9 << 22)
    await tx.execute(_FAVOURITES, cell_of(me), me, goods.product_id, start)
    await tx.execute(_FOLLOWS, cell_of(me), me, goods.shop_id, start)
    await tx.execute("ANALYZE favourite, shop_follow")
    statement = load_sql("jishi.reads.follows", name)
    plan = await kept_plan(tx, statement, f"{cell_of(me)}::smallint, {me}, {tail}")
    assert index in plan, plan
    assert "Seq Scan on favourite" not in plan, plan
    assert "Seq Scan on shop_follow" not in plan, plan
