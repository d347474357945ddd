"""The formula of the score, and what follows from a score. Pure, whole numbers only."""

from collections.abc import Mapping
from typing import Final

from jishi.kit.text import mark as _
from jishi.modules.scores.types import Counted, Figure, FigureScore

FORMULA: Final = 1  # version; docs/rules/score.md says it in words
FULL: Final = 10_000
PRIOR_ORDERS: Final = 20  # a shop is taken for average until its own orders outweigh so many
FIGURES: Final = (
    Figure(
        code="dispatch",
        title=_("Shipped within a day"),
        text=_(
            "Orders shipped within 24 hours of payment, of all that were shipped or waited longer"
        ),
        weight=20,
        floor_bp=5_000,
        best_bp=9_500,
    ),
    Figure(
        code="on_time",
        title=_("Shipped when promised"),
        text=_("Orders shipped within the promised time, of all that were shipped or are late"),
        weight=25,
        floor_bp=8_000,
        best_bp=9_900,
    ),
    Figure(
        code="returns",
        title=_("Kept by the buyer"),
        text=_("Orders of which nothing was refunded, of all that ended"),
        weight=20,
        floor_bp=7_000,
        best_bp=9_800,
    ),
    Figure(
        code="disputes",
        title=_("Settled without the market"),
        text=_("Orders no buyer brought before the market, of all that ended"),
        weight=15,
        floor_bp=9_500,
        best_bp=9_990,
    ),
    Figure(
        code="answers",
        title=_("Answered fast"),
        text=_("Questions of buyers answered within 15 minutes, of all that were asked"),
        weight=10,
        floor_bp=5_000,
        best_bp=9_500,
    ),
    Figure(
        code="reviews",
        title=_("Stars of buyers"),
        text=_("Stars above the first that buyers gave, of all they could give"),
        weight=10,
        floor_bp=5_000,
        best_bp=9_500,
    ),
)
# The market before it has a day of its own to compare with.
START: Final[Mapping[str, Counted]] = {
    "dispatch": Counted(80, 100),
    "on_time": Counted(95, 100),
    "returns": Counted(92, 100),
    "disputes": Counted(995, 1_000),
    "answers": Counted(80, 100),
    "reviews": Counted(85, 100),
}
NEW_SHOP_DAYS: Final = 7
PERSON_DAYS: Final = 3
# (from this score on, days after completion until money may be withdrawn)
CYCLE: Final = ((95, 0), (90, 1), (80, 3), (70, 5), (60, 7), (50, 10), (0, 15))
PERSONS: Final = frozenset({"individual", "second_hand"})


def drawn_bp(own: Counted, market: Counted) -> int:
    """The share of good ones in basis points, drawn towards the market's by PRIOR_ORDERS orders.

    ``(good + k · market_good / market_total) / (total + k)``, rounded down once at the end.
    """
    assert market.total > 0, "a market without counts draws nothing"
    above = own.good * market.total + PRIOR_ORDERS * market.good
    return FULL * above // (market.total * (own.total + PRIOR_ORDERS))


def points(figure: Figure, rate_bp: int) -> int:
    """0 at the floor, 10,000 from the best on, straight between."""
    within = min(max(rate_bp - figure.floor_bp, 0), figure.best_bp - figure.floor_bp)
    return FULL * within // (figure.best_bp - figure.floor_bp)


def scored(
    own: Mapping[str, Counted], market: Mapping[str, Counted]
) -> tuple[int | None, dict[str, FigureScore]]:
    """The score of one shop and its figures. Figures that count nothing for the shop weigh nothing.

    None when none counts anything.
    """
    found: dict[str, FigureScore] = {}
    earned = weights = 0
    for figure in FIGURES:
        counted = own.get(figure.code, Counted(0, 0))
        of_market = market.get(figure.code, START[figure.code])
        of_market = of_market if of_market.total > 0 else START[figure.code]
        if counted.total == 0:
            continue
        rate_bp = drawn_bp(counted, of_market)
        its = points(figure, rate_bp)
        found[figure.code] = FigureScore(
            good=counted.good,
            total=counted.total,
            market_good=of_market.good,
            market_total=of_market.total,
            rate_bp=rate_bp,
            points=its,
        )
        earned += its * figure.weight
        weights += figure.weight
    if not weights:
        return None, found
    return (earned // weights + FULL // 200) // (FULL // 100), found


def settlement_days(score: int | None, kind: str) -> int:
    """Days after completion until a shop may withdraw its money: T+0 to T+15.

    A shop without a score waits 7 days; private persons never less than 3. Source: docs/rules/score.md.
    """
    least = PERSON_DAYS if kind in PERSONS else 0
    if score is None:
        return max(NEW_SHOP_DAYS, least)
    return max(next(days for least_score, days in CYCLE if score >= least_score), least)
