"""A day's scores: counts equal the orders listed under each figure, and every shop is scored once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from jishi.db import Tx
from jishi.flows.score_shops import flow
from jishi.kit.ids import IdMaker, cell_of
from jishi.modules import scores
from jishi.modules.scores import FIGURES
from jishi.reads.shop_standing import queries
from tests.support.makers import a_town, an_order

ZONE = "Asia/Shanghai"


async def test_each_figure_counts_exactly_the_orders_it_lists(tx: Tx, ids: IdMaker) -> None:
    now = datetime.now(UTC)
    town = await a_town(tx, ids, shops=1, skus=1, buyers=1, now=now - timedelta(days=3))
    shop = town.shops[0]
    for until in ("to_ship", "shipped", "completed", "completed", "unpaid"):
        await an_order(tx, ids, town, until=until, at=now - timedelta(days=3))
    day = (now + timedelta(days=2)).date()  # what is placed now counts in the days after
    counted = (await flow.count(tx, [shop], day, zone=ZONE))[shop]
    for figure in FIGURES:
        if figure.code == "answers":
            continue
        listed = await queries.orders_of_figure(
            tx, shop, figure.code, day, zone=ZONE, only_bad=False, cursor=None, size=100
        )
        good = Counter(row["good"] for row in listed.items)
        if figure.code != "reviews":
            assert (good[True], len(listed.items)) == (
                counted[figure.code].good, counted[figure.code].total,
            ), figure.code  # fmt: skip
        bad = await queries.orders_of_figure(
            tx, shop, figure.code, day, zone=ZONE, only_bad=True, cursor=None, size=100
        )
        assert len(bad.items) == good[False]
    assert (counted["dispatch"].good, counted["dispatch"].total) == (3, 4)
    assert (counted["on_time"].good, counted["on_time"].total) == (3, 4)
    assert (counted["returns"].good, counted["returns"].total) == (2, 2)


async def test_lists_of_a_figure_are_paged(tx: Tx, ids: IdMaker) -> None:
    now = datetime.now(UTC)
    town = await a_town(tx, ids, shops=1, skus=1, buyers=1, now=now)
    made = {await an_order(tx, ids, town, until="completed", at=now) for _ in range(5)}
    day, seen, cursor = (now + timedelta(days=2)).date(), [], None
    while True:
        found = await queries.orders_of_figure(
            tx, town.shops[0], "returns", day, zone=ZONE, only_bad=False, cursor=cursor, size=2
        )
        seen += [row["id"] for row in found.items]
        cursor = found.next_cursor
        if cursor is None:
            break
    assert seen == sorted(made, reverse=True)


@pytest.mark.parametrize("turns", [2])
async def test_a_day_is_done_once_and_kept(tx: Tx, ids: IdMaker, turns: int) -> None:
    now = datetime.now(UTC) + timedelta(days=400)  # a day nobody else scores
    shop = (await a_town(tx, ids, shops=1, skus=1, buyers=0)).shops[0]
    for _ in range(turns):
        while await flow.score_next(tx, zone=ZONE, now=now):
            pass
    days = await scores.history(tx, shop)
    assert [it.score for it in days] == [None]
    rows = await tx.fetchval(
        "SELECT count(*) FROM shop_score WHERE cell = $1 AND shop_id = $2", cell_of(shop), shop
    )
    assert rows == 1


async def test_the_market_of_a_day_is_what_shops_counted_the_day_before(
    tx: Tx, ids: IdMaker
) -> None:
    now = datetime.now(UTC)
    town = await a_town(tx, ids, shops=1, skus=1, buyers=1, now=now)
    for _ in range(3):
        await an_order(tx, ids, town, until="completed", at=now)
    for days in (1, 2):
        while await flow.score_next(tx, zone=ZONE, now=now + timedelta(days=days)):
            pass
    second, first = await scores.history(tx, town.shops[0])
    assert first.figures["returns"].market_total == 100  # rules.START
    assert second.figures["returns"].market_total >= 3
    assert first.score is not None
    assert 0 <= first.score <= 100
