"""Whose votes count."""

from datetime import UTC, datetime, timedelta

from jishi.flows.write_review import rules
from jishi.kit.ids import EPOCH_MS

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def opened(before: timedelta) -> int:
    """An account's id by when it was opened."""
    return (int((NOW - before).timestamp() * 1000) - EPOCH_MS) << 22


def test_an_account_has_a_history_after_two_weeks_and_a_purchase() -> None:
    old, young = opened(timedelta(days=14)), opened(timedelta(days=13, hours=23))
    assert rules.has_history(old, has_completed=True, now=NOW)
    assert not rules.has_history(old, has_completed=False, now=NOW)
    assert not rules.has_history(young, has_completed=True, now=NOW)


def test_the_statement_draws_the_line_where_the_rule_does() -> None:
    line = rules.opened_before(NOW) >> 22
    assert opened(timedelta(days=14)) >> 22 < line
    assert opened(timedelta(days=13, hours=23, minutes=59)) >> 22 >= line
