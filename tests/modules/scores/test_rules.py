"""The formula: bounded, monotone, drawn towards the market; the published pages say the same."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jishi.modules.scores import (
    FIGURES,
    PRIOR_ORDERS,
    START,
    Counted,
    rules,
    scored,
    settlement_days,
)

DOC = Path(__file__).parents[3] / "docs" / "rules" / "score.md"
COUNTED = st.integers(0, 10**6).flatmap(
    lambda total: st.builds(Counted, st.integers(0, total), st.just(total))
)
SHOP = st.fixed_dictionaries({it.code: COUNTED for it in FIGURES})


@given(SHOP, SHOP)
def test_a_score_lies_between_nothing_and_a_hundred(
    own: dict[str, Counted], market: dict[str, Counted]
) -> None:
    score, figures = scored(own, market)
    assert (score is None) == all(it.total == 0 for it in own.values())
    assert score is None or 0 <= score <= 100
    assert all(0 <= it.points <= 10_000 and 0 <= it.rate_bp <= 10_000 for it in figures.values())


@given(SHOP, st.sampled_from([it.code for it in FIGURES]))
def test_one_more_good_order_in_the_place_of_a_bad_one_never_costs(
    own: dict[str, Counted], code: str
) -> None:
    mine = own[code]
    if mine.good == mine.total:
        return
    better = {**own, code: Counted(mine.good + 1, mine.total)}
    before, after = scored(own, START)[0], scored(better, START)[0]
    assert before is not None
    assert after is not None
    assert after >= before


@given(COUNTED, COUNTED.filter(lambda it: it.total > 0))
def test_a_share_lies_between_the_shops_and_the_markets(own: Counted, market: Counted) -> None:
    of_market = 10_000 * market.good // market.total
    of_shop = 10_000 * own.good // own.total if own.total else of_market
    assert min(of_shop, of_market) <= rules.drawn_bp(own, market) <= max(of_shop, of_market) + 1


def test_a_single_bad_order_weighs_little_and_many_weigh_all() -> None:
    market = Counted(95, 100)
    assert rules.drawn_bp(Counted(0, 1), market) == 10_000 * 95 * PRIOR_ORDERS // (
        100 * (PRIOR_ORDERS + 1)
    )
    assert rules.drawn_bp(Counted(0, 10**6), market) == 0


def test_weights_add_up_to_a_hundred() -> None:
    assert sum(it.weight for it in FIGURES) == 100
    assert set(START) == {it.code for it in FIGURES}


@given(
    st.integers(0, 100),
    st.sampled_from(["plain", "individual", "second_hand", "business", "flagship"]),
)
def test_a_better_score_never_waits_longer(score: int, kind: str) -> None:
    days = settlement_days(score, kind)
    assert 0 <= days <= 15
    assert score == 100 or settlement_days(score + 1, kind) <= days


def test_new_shops_wait_a_week_and_persons_three_days() -> None:
    assert settlement_days(None, "business") == 7
    assert settlement_days(100, "business") == 0
    assert settlement_days(100, "individual") == 3


def test_the_published_page_gives_the_same_figures() -> None:
    text = DOC.read_text("utf-8")
    assert f"version {rules.FORMULA}" in text
    for it in FIGURES:
        floor, best = f"{it.floor_bp / 100:g} %", f"{it.best_bp / 100:g} %"
        assert f"| {it.code} | {it.text} | {it.weight} | {floor} | {best} |" in text
    for least, days in rules.CYCLE:
        assert f"| {least} | T+{days} |" in text
