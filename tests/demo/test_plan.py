"""The plan of the demo market: the same everywhere, and alive."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from jishi.demo.history import Story
from jishi.demo.plan import DELISTED, DRAFTS, HOLIDAY, Plan, make_plan
from jishi.modules.places.rules import plain_phone

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def a_plan(seed: str = "jishi", now: datetime = NOON) -> Plan:
    return make_plan(seed, now, unpaid_for=timedelta(minutes=30), confirm_after=timedelta(days=10))


PLAN = a_plan()


def test_the_same_seed_makes_the_same_market() -> None:
    assert a_plan() == PLAN
    assert a_plan("another").stories != PLAN.stories


def test_the_month_holds_every_kind_of_order() -> None:
    stories = PLAN.stories
    assert 350 <= len(stories) <= 600
    kinds = Counter(map(_kind, stories))
    assert set(kinds) == {
        *("unpaid", "lapsed", "late", "cancelled", "refunded"),
        *("to_ship", "part", "shipped", "completed"),
    }
    assert kinds["completed"] > len(stories) // 3
    assert kinds["to_ship"] >= 10


def test_steps_come_in_order_and_not_from_the_future() -> None:
    for story in PLAN.stories:
        steps = [story.placed_at, story.lapsed_at or story.cancelled_at, story.paid_at]
        steps += [story.refunded_at or story.shipped_at, story.completed_at]
        taken = [step for step in steps if step]
        assert taken == sorted(taken)
        assert taken[-1] <= NOON


def test_only_what_was_for_sale_then_was_bought() -> None:
    for story in PLAN.stories:
        assert story.picks
        for pick in story.picks:
            place = (pick.shop, pick.good)
            assert PLAN.listed_at[place] <= story.placed_at
            assert place not in DRAFTS | DELISTED
        if NOON - story.placed_at < timedelta(days=2):
            assert not {pick.shop for pick in story.picks} & HOLIDAY


def test_some_shelves_are_low_and_some_empty() -> None:
    left = PLAN.left.values()
    assert sum(pieces == 0 for pieces in left) > 50
    assert sum(0 < pieces <= 5 for pieces in left) > 50
    assert min(left) == 0


def test_people_have_homes_a_parcel_finds() -> None:
    assert len(PLAN.buyers) == 60
    assert {person.locale for person in PLAN.buyers} == {"zh-CN", "en"}
    assert len({person.name for person in PLAN.buyers}) == 60
    for person in PLAN.buyers:
        assert person.homes
        for home in person.homes:
            assert plain_phone(home.phone, abroad=home.country != "CN")
            assert (home.region_code is None) == (home.country != "CN")


def _kind(story: Story) -> str:
    steps = (
        ("late", story.lapsed_at and story.paid_at),
        ("lapsed", story.lapsed_at),
        ("cancelled", story.cancelled_at),
        ("refunded", story.refunded_at),
        ("completed", story.completed_at),
        ("part", story.is_part),
        ("shipped", story.shipped_at),
        ("to_ship", story.paid_at),
    )
    return next((kind for kind, taken in steps if taken), "unpaid")
