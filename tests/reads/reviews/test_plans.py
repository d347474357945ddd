"""The lists of writers, shops and operators go through their index, however many reviews there are."""

import pytest

from jishi.db import Tx, load_sql
from jishi.kit.ids import IdMaker, cell_of
from tests.support.makers import a_town
from tests.support.plans import kept_plan

# Twenty shops in one cell; of a hundred reviews one is reported, one hidden, one held.
_SEED = """
INSERT INTO review (cell, id, shop_id, product_id, sku_id, order_id, line, writer_id, stars, detail, answer,
    answered_at, answered_by, open_reports, hidden_at, hidden_by, hidden_why, held_words, created_at)
SELECT $1::smallint, $2::bigint + (n::bigint << 22), $3::bigint + n % 20, $4::bigint, 1, $2::bigint + n, 1,
    n % 500, 1 + n / 20 % 5, 0, a.answer, a.at, a.by, CASE WHEN n / 20 % 100 = 7 THEN 1 ELSE 0 END,
    h.at, h.by, h.why, CASE WHEN h.why = 'held' THEN ARRAY['x'] ELSE '{}' END, now()
FROM generate_series(1, 20000) n
CROSS JOIN LATERAL (SELECT CASE WHEN n / 20 % 10 > 0 THEN 'Thank you' END, CASE WHEN n / 20 % 10 > 0 THEN now() END,
    CASE WHEN n / 20 % 10 > 0 THEN 1 END) a (answer, at, by)
CROSS JOIN LATERAL (SELECT CASE WHEN n / 20 % 100 IN (11, 13) THEN now() END, CASE WHEN n / 20 % 100 = 11 THEN 1 END,
    CASE n / 20 % 100 WHEN 11 THEN 'fake' WHEN 13 THEN 'held' END) h (at, by, why)
"""
FAR, TOP = "'9999-12-31'", str(2**62)


@pytest.mark.parametrize(
    ("name", "values", "indexes"),
    [
        ("mine", f"7, {TOP}, 21", ["review_by_writer"]),
        ("of_shop", f"{{cell}}::smallint, {{shop}}, 'all', {TOP}, 21", ["review_by_shop"]),
        (
            "of_shop",
            f"{{cell}}::smallint, {{shop}}, 'unanswered', {TOP}, 21",
            ["review_unanswered"],
        ),
        ("of_shop", f"{{cell}}::smallint, {{shop}}, 'poor', {TOP}, 21", ["review_poor"]),
        ("of_market", f"'waiting', 0, 21, {FAR}", ["review_reported", "review_held_first"]),
        ("of_market", f"'hidden', {TOP}, 21, {FAR}", ["review_hidden_newest"]),
    ],
)
async def test_lists_of_reviews_go_through_their_index(
    tx: Tx, ids: IdMaker, name: str, values: str, indexes: list[str]
) -> None:
    goods = (await a_town(tx, ids, shops=1, skus=2, buyers=0)).goods[0]
    cell = cell_of(goods.shop_id)
    start = ids.make(cell) - (10**9 << 22)
    await tx.execute(_SEED, cell, start, goods.shop_id, goods.product_id)
    await tx.execute("ANALYZE review")
    statement = load_sql("jishi.reads.reviews", name)
    plan = await kept_plan(tx, statement, values.format(cell=cell, shop=goods.shop_id))
    for index in indexes:
        assert f"{index} " in plan, plan
    assert "Seq Scan on review r" not in plan.replace("review_report", ""), plan
