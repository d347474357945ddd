"""The words of this module: figures, counts, scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WINDOW: Final = timedelta(days=30)  # of orders by when they were placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One part of the score. Below ``floor_bp`` it earns nothing, from ``best_bp`` on everything."""

    code: str
    title: str  # English message id
    text: str  # what counts as good, of what
    weight: int
    floor_bp: int
    best_bp: int


@dataclass(frozen=True, slots=True)
class Counted:
    """``good`` of ``total``."""

    good: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureScore:
    """One figure of a shop: its own counts, the market's, the share drawn from both, and its points."""

    good: int
    total: int
    market_good: int
    market_total: int
    rate_bp: int
    points: int  # 0 to 10,000; 10,000 is all of the figure's weight


@dataclass(frozen=True, slots=True, kw_only=True)
class DayScore:
    """``score`` None: no figure has anything to count yet."""

    day: date
    score: int | None
    figures: Mapping[str, FigureScore]
