from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.workdays import SATURDAY, ZONE, working_days_later


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-20T03:00", 1, "2026-11-23T03:00"),  # Friday noon in Beijing
        ("2026-11-20T17:00", 1, "2026-11-23T16:00"),  # Friday there, Saturday in Beijing
        ("2026-11-22T03:00", 1, "2026-11-23T16:00"),  # Sunday: till the end of Monday
        ("2026-11-19T03:00", 2, "2026-11-23T03:00"),
        ("2026-11-21T03:00", 0, "2026-11-21T03:00"),
    ],
)
def test_a_day_that_counts_is_one_in_beijing(start: str, days: int, due: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert working_days_later(at, days) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)), st.integers(1, 9))  # noqa: DTZ001
def test_weekends_are_left_out(start: datetime, days: int) -> None:
    first = start.replace(tzinfo=ZONE)
    end = working_days_later(first, days)
    between = [first + timedelta(days=n) for n in range(1, (end.date() - first.date()).days + 1)]
    worked = sum(day.weekday() < SATURDAY for day in between)
    assert worked == days + (first.weekday() >= SATURDAY)
    assert end.weekday() < SATURDAY
