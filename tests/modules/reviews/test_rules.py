"""What may be written when, and what puts one review before another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, OrderId, ProductId, ReviewId, ShopId, SkuId
from jishi.modules.reviews import rules
from jishi.modules.reviews.types import (
    HELD,
    AllRefunded,
    AlreadyAnswered,
    AlreadyFollowedUp,
    AnsweredMeanwhile,
    IsHidden,
    NotAnswerable,
    NotBought,
    NotDelivered,
    OwnReview,
    Purchase,
    Review,
    ReviewNotFound,
    TooLate,
    Weighed,
    Words,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZHI, BO = AccountId(7), AccountId(8)
DAY_ONE = 1 << 22  # an id of the first day


def a_purchase(**changes: Any) -> Purchase:
    made = Purchase(
        order_id=OrderId(1), line=1, shop_id=ShopId(2), product_id=ProductId(3), sku_id=SkuId(4),
        options=[], buyer_id=ZHI, buyer_name="Zhi", is_delivered=True, is_refunded=False, since=NOON,
    )  # fmt: skip
    return replace(made, **changes)


def a_review(**changes: Any) -> Review:
    made = Review(
        id=ReviewId(5), shop_id=ShopId(2), product_id=ProductId(3), sku_id=SkuId(4),
        order_id=OrderId(1), line=1, writer_id=ZHI, writer_name="Z**", is_anonymous=False, options=[],
        stars=5, dispatch_stars=None, service_stars=None, text="", pictures=[], follow_up=None,
        follow_up_pictures=[], followed_up_at=None, answer=None, answered_at=None, hidden_at=None,
        hidden_why=None, hidden_note="", held_words=[], helpful=0, unhelpful=0, open_reports=0, text_digest=None,
        created_at=NOON, edited_at=None,
    )  # fmt: skip
    return replace(made, **changes)


def weighed(**changes: Any) -> Weighed:
    plain = Weighed(is_bought=True, detail=100, helpful=0, unhelpful=0, pair=0, twins=0)
    return replace(plain, **changes)


# ---- who may write -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_case", "purchase", "refusal"),
    [
        ("someone else's", a_purchase(buyer_id=BO), NotBought),
        ("not shipped", a_purchase(is_delivered=False), NotDelivered),
        ("all money back", a_purchase(is_refunded=True), AllRefunded),
        ("180 days on the dot", a_purchase(since=NOON - timedelta(days=180)), TooLate),
    ],
)
def test_what_may_not_be_reviewed(_case: str, purchase: Purchase, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        rules.check_purchase(purchase, ZHI, now=NOON)


def test_the_last_moment_is_in_time() -> None:
    since = NOON - timedelta(days=180) + timedelta(microseconds=1)
    rules.check_purchase(a_purchase(since=since), ZHI, now=NOON)


@pytest.mark.parametrize(
    ("_case", "review", "after", "refusal"),
    [
        ("someone else's", a_review(writer_id=BO), 0, ReviewNotFound),
        ("imported", a_review(writer_id=None), 0, ReviewNotFound),
        ("hidden", a_review(hidden_at=NOON), 0, IsHidden),
        ("answered", a_review(answer="Thanks", answered_at=NOON), 0, AnsweredMeanwhile),
        ("followed up", a_review(follow_up="Still good"), 0, AlreadyFollowedUp),
        ("seven days old", a_review(), 7, TooLate),
    ],
)
def test_what_may_not_be_changed(
    _case: str, review: Review, after: int, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rules.check_edit(review, ZHI, now=NOON + timedelta(days=after))


def test_a_held_review_may_be_changed_but_not_added_to_or_answered() -> None:
    held = a_review(hidden_at=NOON, hidden_why=HELD, held_words=["x"])
    rules.check_edit(held, ZHI, now=NOON)
    assert rules.may_edit(held, now=NOON)
    with pytest.raises(IsHidden):
        rules.check_follow_up(held, ZHI, now=NOON)
    with pytest.raises(IsHidden):
        rules.check_answer(held, now=NOON)


def test_a_follow_up_comes_once_within_half_a_year() -> None:
    rules.check_follow_up(a_review(), ZHI, now=NOON + timedelta(days=179))
    with pytest.raises(TooLate):
        rules.check_follow_up(a_review(), ZHI, now=NOON + timedelta(days=180))
    with pytest.raises(AlreadyFollowedUp):
        rules.check_follow_up(a_review(follow_up="x"), ZHI, now=NOON)


def test_an_answer_stays_after_a_day() -> None:
    answered = a_review(answer="Thanks", answered_at=NOON)
    rules.check_answer(answered, now=NOON + timedelta(hours=23))
    with pytest.raises(AlreadyAnswered):
        rules.check_answer(answered, now=NOON + timedelta(days=1))
    with pytest.raises(NotAnswerable):
        rules.check_answer(a_review(order_id=None), now=NOON)
    with pytest.raises(IsHidden):
        rules.check_answer(a_review(hidden_at=NOON), now=NOON)


def test_neither_writer_nor_shop_says_what_is_helpful() -> None:
    rules.check_vote(a_review(), BO, is_staff=False)
    for account_id, is_staff in ((ZHI, False), (BO, True)):
        with pytest.raises(OwnReview):
            rules.check_vote(a_review(), account_id, is_staff=is_staff)


def test_every_wrong_field_is_named_at_once() -> None:
    pictures = [{"media_id": str(at)} for at in range(10)]
    words = Words(stars=0, text="x" * 2001, pictures=pictures, dispatch_stars=6)
    with pytest.raises(Refusals) as caught:
        rules.checked(words)
    named = [it.field for it in caught.value.items]
    assert named == ["stars", "dispatch_stars", "text", "pictures"]


def test_stars_alone_are_a_review_but_no_follow_up() -> None:
    assert rules.checked(Words(stars=3, text="  ")).text == ""
    with pytest.raises(Refusals):
        rules.checked_follow_up(" \n ", [])


# ---- figures -------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 5), min_size=1, max_size=200))
def test_a_rating_is_the_average_in_tenths_rounded_half_up(stars: list[int]) -> None:
    exact = Fraction(sum(stars) * 10, len(stars))
    found = rules.rating_tenths(sum(stars), len(stars))
    assert found == int(exact + Fraction(1, 2))
    assert rules.rating_tenths(0, 0) is None


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_wilson_is_the_textbook_bound_to_a_thousandth(up: int, down: int) -> None:
    n, z = up + down, 1.96
    found = rules.wilson_per_mille(up, n)
    if n == 0:
        assert found == 0
        return
    p = up / n
    low = (p + z * z / (2 * n) - z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    assert abs(found - 1000 * low) <= 1.5


def test_one_vote_is_little_and_a_hundred_are_much() -> None:
    assert [rules.wilson_per_mille(n, n) for n in (1, 10, 100)] == [206, 722, 963]


# ---- the order resists brushing ------------------------------------------------------------------


def test_the_published_example() -> None:
    """The worked example of docs/reviews.md."""
    bought = weighed(detail=rules.detail_points("四十个字" * 1 + "好" * 3, 2, None))
    assert bought.detail == 7 + 80
    assert rules.rank(DAY_ONE, replace(bought, detail=200, helpful=10)) == 300 + 200 + 288


def test_repeating_a_letter_tells_nothing() -> None:
    assert rules.effective_length("好" * 500) == 4
    assert rules.detail_points("好" * 500, 0, None) < rules.detail_points(
        "面料舒服尺码正好", 0, None
    )


def test_a_copy_is_known_by_its_letters() -> None:
    assert rules.text_digest("质量很好，下次再来！") == rules.text_digest("质量 很好 下次再来")
    assert rules.text_digest("ＧＯＯＤ　ＢＵＹ") == rules.text_digest("good, buy")
    assert rules.text_digest("很好") is None
    assert rules.text_digest("质量很好下次再来") != rules.text_digest("质量很差下次不来")


@given(st.integers(0, 400), st.integers(0, 50), st.integers(0, 50), st.integers(0, 7))
def test_more_of_what_brushing_makes_never_lifts(
    detail: int, up: int, down: int, suspicion: int
) -> None:
    it = weighed(detail=detail, helpful=up, unhelpful=down)
    for name in ("pair", "twins"):
        less = rules.rank(DAY_ONE, replace(it, **{name: suspicion}))
        more = rules.rank(DAY_ONE, replace(it, **{name: suspicion + 1}))
        assert more <= less
    assert rules.rank(DAY_ONE, replace(it, is_bought=False)) <= rules.rank(DAY_ONE, it)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_vote_moves_the_rank_its_way(up: int, down: int) -> None:
    it = weighed(helpful=up, unhelpful=down)
    here = rules.rank(DAY_ONE, it)
    assert rules.rank(DAY_ONE, replace(it, helpful=up + 1)) >= here
    assert rules.rank(DAY_ONE, replace(it, unhelpful=down + 1)) <= here


def test_a_year_of_age_costs_what_is_published() -> None:
    a_year = (365 * 86_400_000) << 22
    assert rules.rank(DAY_ONE + a_year, weighed()) - rules.rank(DAY_ONE, weighed()) == 182


@given(st.text(max_size=300), st.integers(0, 18), st.text(max_size=40))
def test_points_for_detail_stay_in_their_bounds(text: str, pictures: int, more: str) -> None:
    assert 0 <= rules.detail_points(text, pictures, more or None) <= 400
