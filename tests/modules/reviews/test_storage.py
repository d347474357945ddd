"""Reviews in PostgreSQL: SQL equals the rules, counts equal what is shown, lists walk their index."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from jishi.db import Pool, Tx, load_sql, transaction
from jishi.kit.ids import AccountId, IdMaker, ProductId, cell_of
from jishi.modules import reviews
from jishi.modules.reviews import rules
from jishi.modules.reviews.types import (
    AlreadyReviewed,
    Imported,
    IsHidden,
    OwnReview,
    Review,
    ReviewNotFound,
    Weighed,
    Why,
    Words,
)
from tests.support.invariants import Sound, sound
from tests.support.makers import NOON, Goods, a_town, at_once, events_of
from tests.support.plans import kept_plan
from tests.support.reviewing import a_purchase, a_review, ranks_of, shop_row, summary_row

__all__ = ["sound"]
RANK = "SELECT review_rank($1, $2, $3, $4, $5, $6, $7)"


async def goods_of(tx: Tx | Pool, ids: IdMaker) -> Goods:
    return (await a_town(tx, ids, shops=1, skus=2, buyers=0)).goods[0]


async def test_the_function_ranks_as_the_rule_does(tx: Tx) -> None:
    chance = random.Random(11)
    rows = []
    for _ in range(600):
        votes = chance.choice([3, 50, 1_000_000])
        it = Weighed(
            is_bought=chance.random() < 0.5,
            detail=chance.randint(0, 400),
            helpful=chance.randint(0, votes),
            unhelpful=chance.choice([0, chance.randint(0, votes)]),
            pair=chance.randint(0, 8),
            twins=chance.randint(0, 8),
        )
        rows.append((chance.randint(0, (1 << 61)), it))
    for review_id, it in rows:
        found = await tx.fetchval(
            RANK, review_id, it.is_bought, it.detail, it.helpful, it.unhelpful, it.pair, it.twins
        )
        assert found == rules.rank(review_id, it), it


async def test_a_review_is_counted_ranked_and_told(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    goods = await goods_of(tx, ids)
    words = Words(stars=4, text="面料舒服，尺码正好", dispatch_stars=5, service_stars=3)
    review = await a_review(tx, ids, goods, words)
    assert (review.writer_name, review.options) == ("Z**", ["red"])
    row, shop = await summary_row(tx, goods), await shop_row(tx, goods.shop_id)
    assert (row["four"], row["bought"], row["bought_stars"], row["imported"]) == (1, 1, 4, 0)
    assert (shop["bought"], shop["dispatch_stars"], shop["service_stars"]) == (1, 5, 3)
    expected = Weighed(is_bought=True, detail=8, helpful=0, unhelpful=0, pair=0, twins=0)
    assert (await ranks_of(tx, [review.id]))[review.id] == rules.rank(review.id, expected)
    assert await events_of(tx, review.id) == ["reviews.written"]
    await sound(tx)


async def test_a_line_is_reviewed_once_however_many_try(pool: Pool, ids: IdMaker) -> None:
    goods = await goods_of(pool, ids)
    purchase = a_purchase(goods, ids)

    async def attempt(tx: Tx) -> str:
        try:
            words = Words(stars=5, text="Well made")
            await reviews.write(tx, purchase, words, ids, writer_id=purchase.buyer_id, now=NOON)
        except AlreadyReviewed:
            return "again"
        return "written"

    found = await at_once(pool, *[attempt] * 4)
    assert sorted(found) == ["again", "again", "again", "written"]
    assert (await summary_row(pool, goods))["bought"] == 1


async def test_counts_hold_when_many_write_at_once(pool: Pool, ids: IdMaker, sound: Sound) -> None:
    goods = await goods_of(pool, ids)

    async def write(tx: Tx) -> None:
        await a_review(tx, ids, goods, Words(stars=random.randint(1, 5), text="同一句话大家都写"))

    await at_once(pool, *[write] * 8)
    row = await summary_row(pool, goods)
    assert row["bought"] == 8
    twins = await pool.fetch("SELECT twins FROM review WHERE product_id = $1", goods.product_id)
    assert [it["twins"] for it in twins] == [7] * 8


async def test_every_change_keeps_the_counts(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    goods = await goods_of(tx, ids)
    review = await a_review(tx, ids, goods, Words(stars=1, text="Too small"))
    me, soon = review.writer_id, NOON + timedelta(hours=1)
    assert me is not None
    picture = [{"media_id": str(ids.make(cell_of(goods.shop_id)))}]
    words = Words(stars=3, text="Fits after all", pictures=picture, is_anonymous=True)
    edited = await reviews.edit(tx, review.id, words, writer_id=me, name="Zhi", now=soon)
    assert (edited.writer_name, edited.edited_at) == ("", soon)
    await sound(tx)
    later = NOON + timedelta(days=40)
    await reviews.follow_up(tx, review.id, "Still holds", [], writer_id=me, now=later)
    row = await summary_row(tx, goods)
    assert (row["one"], row["three"], row["pictured"], row["followed_up"]) == (0, 1, 1, 1)
    await sound(tx)
    operator = AccountId(ids.make(1))
    hidden = await reviews.hide(
        tx, review.id, Why.PRIVATE, "A phone number", by=operator, now=later
    )
    assert (hidden.hidden_why, hidden.hidden_note) == ("private", "A phone number")
    assert (await summary_row(tx, goods))["bought"] == 0
    await sound(tx)
    await reviews.show_again(tx, review.id, now=later)
    assert (await summary_row(tx, goods))["three"] == 1
    await sound(tx)
    assert await reviews.count_anew(tx, goods.shop_id) == 1
    await sound(tx)


async def test_counts_can_be_made_anew_after_damage(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    goods = await goods_of(tx, ids)
    for stars in (1, 5, 5):
        await a_review(tx, ids, goods, Words(stars=stars))
    await tx.execute("DELETE FROM review_sku_summary WHERE product_id = $1", goods.product_id)
    await tx.execute(
        "UPDATE review_summary SET five = 9, bought = 10, bought_stars = 50 WHERE product_id = $1",
        goods.product_id,
    )
    assert await reviews.count_anew(tx, goods.shop_id) == 3
    await sound(tx)


async def test_a_vote_counts_once_and_can_be_taken_back(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    goods = await goods_of(tx, ids)
    review = await a_review(tx, ids, goods)
    reader = AccountId(ids.make(9))

    async def say(*, is_helpful: bool | None, is_trusted: bool = True) -> tuple[int, int, int]:
        found = await reviews.vote(
            tx, review.id, reader, is_helpful=is_helpful, is_trusted=is_trusted, is_staff=False,
            now=NOON,
        )  # fmt: skip
        return found.helpful, found.unhelpful, (await ranks_of(tx, [review.id]))[review.id]

    before = (await ranks_of(tx, [review.id]))[review.id]
    assert await say(is_helpful=True) == (1, 0, before + 82)
    assert await say(is_helpful=True) == (1, 0, before + 82)
    assert await say(is_helpful=False) == (0, 1, before)
    assert await say(is_helpful=None) == (0, 0, before)
    assert await say(is_helpful=True, is_trusted=False) == (1, 0, before), "no history, no weight"
    await sound(tx)
    with pytest.raises(OwnReview):
        await reviews.vote(
            tx, review.id, AccountId(review.writer_id or 0), is_helpful=True, is_trusted=True,
            is_staff=False, now=NOON,
        )  # fmt: skip


async def test_votes_at_once_lose_none(pool: Pool, ids: IdMaker) -> None:
    async with transaction(pool) as tx:
        goods = await goods_of(tx, ids)
        review = await a_review(tx, ids, goods)

    def voter(at: int) -> Any:
        async def say(tx: Tx) -> None:
            await reviews.vote(
                tx, review.id, AccountId(ids.make(at)), is_helpful=at % 2 == 0, is_trusted=True,
                is_staff=False, now=NOON,
            )  # fmt: skip

        return say

    await at_once(pool, *[voter(at) for at in range(8)])
    async with transaction(pool) as tx:
        found = await reviews.get_review(tx, review.id)
    assert (found.helpful, found.unhelpful) == (4, 4)


async def test_the_same_words_and_the_same_buyer_weigh_less(tx: Tx, ids: IdMaker) -> None:
    goods = await goods_of(tx, ids)
    text = "非常满意，值得购买，推荐给大家"
    first = await a_review(tx, ids, goods, Words(stars=5, text=text))
    alone = (await ranks_of(tx, [first.id]))[first.id]
    second = await a_review(tx, ids, goods, Words(stars=5, text=text + "！！"))
    ranks = await ranks_of(tx, [first.id, second.id])
    assert ranks[first.id] < alone
    assert abs(ranks[first.id] - ranks[second.id]) <= 1
    await reviews.hide(tx, second.id, Why.FAKE, "", by=AccountId(1), now=NOON)
    assert (await ranks_of(tx, [first.id]))[first.id] == alone
    buyer = AccountId(ids.make(5))
    for at in range(5):
        await a_review(tx, ids, goods, Words(stars=5, text=f"第{at}次来买"), buyer_id=buyer)
    pairs = await tx.fetch("SELECT pair FROM review WHERE writer_id = $1 ORDER BY id", buyer)
    assert [it["pair"] for it in pairs] == [0, 1, 2, 3, 4]


async def test_the_job_mends_a_rank(tx: Tx, ids: IdMaker) -> None:
    goods = await goods_of(tx, ids)
    review = await a_review(tx, ids, goods)
    right = (await ranks_of(tx, [review.id]))[review.id]
    await tx.execute("UPDATE review SET rank = 1, pair = 5 WHERE id = $1", review.id)
    await reviews.mark_due(tx, [review.id])
    assert await reviews.rank_due(tx, limit=500) >= 1
    assert (await ranks_of(tx, [review.id]))[review.id] == right


async def test_imported_ones_are_nobodys_and_come_once(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    goods = await goods_of(tx, ids)
    told = [
        Imported(external_id=f"x:{at}", stars=5 if at % 2 else 1, text=f"话{at}") for at in range(9)
    ]
    product = ProductId(goods.product_id)

    async def bring() -> int:
        return await reviews.import_reviews(tx, goods.shop_id, product, told, ids, now=NOON)

    assert (await bring(), await bring()) == (9, 0)
    row = await summary_row(tx, goods)
    assert (row["imported"], row["one"], row["five"], row["bought"]) == (9, 5, 4, 0)
    assert (await shop_row(tx, goods.shop_id))["bought"] == 0, "no rating from elsewhere"
    await sound(tx)


async def test_an_answer_is_the_shops_own(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=2, skus=1, buyers=0)
    review = await a_review(tx, ids, town.goods[0])
    clerk = AccountId(ids.make(1))
    with pytest.raises(ReviewNotFound):
        await reviews.answer(tx, review.id, "Hi", shop_id=town.shops[1], by=clerk, now=NOON)
    for text in ("Thank you", "Thank you both"):
        found = await reviews.answer(tx, review.id, text, shop_id=town.shops[0], by=clerk, now=NOON)
        assert (found.answer, found.answered_at) == (text, NOON)
    assert await events_of(tx, review.id) == ["reviews.written", "reviews.answered"]


async def test_reports_wait_once_per_account(tx: Tx, ids: IdMaker) -> None:
    goods = await goods_of(tx, ids)
    review = await a_review(tx, ids, goods)
    reporter = AccountId(ids.make(2))
    for _ in range(2):
        await reviews.report(tx, review.id, reporter, Why.ABUSE, "rude", now=NOON)
    assert (await reviews.get_review(tx, review.id)).open_reports == 1
    await reviews.settle_reports(tx, review.id, now=NOON)
    assert (await reviews.get_review(tx, review.id)).open_reports == 0


async def test_a_held_review_counts_once_an_operator_lets_it_be_seen(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    goods = await goods_of(tx, ids)
    purchase = a_purchase(goods, ids)
    review = await reviews.write(
        tx,
        purchase,
        Words(stars=2, text="Add me elsewhere"),
        ids,
        writer_id=purchase.buyer_id,
        held_for=["elsewhere"],
        now=NOON,
    )
    assert (review.is_held, review.held_words) == (True, ["elsewhere"])
    assert await events_of(tx, review.id) == ["reviews.held"]
    assert (await summary_row(tx, goods))["bought"] == 0
    await sound(tx)
    shown = await reviews.show_again(tx, review.id, now=NOON)
    assert (shown.hidden_at, shown.held_words) == (None, [])
    assert (await summary_row(tx, goods))["two"] == 1
    await sound(tx)


async def test_a_held_review_may_be_hidden_for_a_reason_or_mended_by_its_writer(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    goods = await goods_of(tx, ids)
    held = []
    for _ in range(2):
        purchase = a_purchase(goods, ids)
        words, writer = Words(stars=5, text="Call 123"), purchase.buyer_id
        held.append(
            await reviews.write(
                tx, purchase, words, ids, writer_id=writer, held_for=["call"], now=NOON
            )
        )
    hidden = await reviews.hide(tx, held[0].id, Why.ADVERTISING, "", by=AccountId(9), now=NOON)
    assert (hidden.is_held, hidden.hidden_why, hidden.held_words) == (False, "advertising", [])
    with pytest.raises(IsHidden):
        await edited(tx, held[0], "Fine")
    still = await edited(tx, held[1], "Call 456", held_for=["call"])
    assert still.is_held
    mended = await edited(tx, held[1], "Fine")
    assert (mended.hidden_at, mended.text) == (None, "Fine")
    assert await events_of(tx, mended.id) == ["reviews.held", "reviews.written"]
    assert (await summary_row(tx, goods))["bought"] == 1
    await sound(tx)


async def test_a_follow_up_with_such_words_holds_the_review_too(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    goods = await goods_of(tx, ids)
    review = await a_review(tx, ids, goods)
    writer = AccountId(review.writer_id or 0)
    held = await reviews.follow_up(
        tx, review.id, "Call me", [], writer_id=writer, held_for=["call"], now=NOON
    )
    assert held.is_held
    assert (await summary_row(tx, goods))["bought"] == 0
    await sound(tx)


async def edited(tx: Tx, review: Review, text: str, held_for: Sequence[str] = ()) -> Review:
    writer, words = AccountId(review.writer_id or 0), Words(stars=5, text=text)
    return await reviews.edit(
        tx, review.id, words, writer_id=writer, name="Zhi", held_for=held_for, now=NOON
    )


_SEED = """
INSERT INTO review (cell, id, shop_id, product_id, sku_id, order_id, line, writer_id, stars, text, pictures,
    follow_up, followed_up_at, detail, rank, created_at)
SELECT $1::smallint, $2::bigint + (n::bigint << 22), $3, $4, $5::bigint + (n % 50), $2::bigint + n, 1, n,
    1 + n % 5, '', CASE WHEN n % 11 = 0 THEN '[{}]'::jsonb ELSE '[]' END,
    CASE WHEN n % 13 = 0 THEN 'x' END, CASE WHEN n % 13 = 0 THEN now() END, n % 400, n * 7919 % 1000, now()
FROM generate_series(1, 6000) n
"""


@pytest.mark.parametrize("sort", ["best", "newest"])
@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("all", ""),
        ("good", "_band"),
        ("poor", "_band"),
        ("pictured", "_pictured"),
        ("follow_up", "_follow_up"),
        ("sku", "_sku"),
    ],
)
async def test_every_list_walks_its_own_index(
    tx: Tx, ids: IdMaker, sort: str, name: str, index: str
) -> None:
    goods = await goods_of(tx, ids)
    cell = cell_of(goods.shop_id)
    start = ids.make(cell) - (10**9 << 22)  # where no other test writes
    args = (cell, start, goods.shop_id, goods.product_id, goods.sku_id)
    await tx.execute(_SEED, *args)
    await tx.execute("ANALYZE review")
    key = 500 if sort == "best" else 0
    statement = load_sql("jishi.reads.reviews", f"list_{sort}")
    values = f"{cell}, {goods.product_id}, '{name}', {goods.sku_id}, {key}, {2**62}, 21"
    plan = await kept_plan(tx, statement, values)
    assert f"review_{sort}{index} " in plan, plan
    assert "Seq Scan" not in plan, plan
