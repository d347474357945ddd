"""Whose votes count for the order of lists. Pure."""

from datetime import datetime, timedelta
from typing import Final

from jishi.kit.ids import EPOCH_MS, made_at_ms

HISTORY_AFTER: Final = timedelta(days=14)  # since the account was opened
DOUBTED_FOR: Final = timedelta(days=60)  # a vote is looked at again so long


def has_history(account_id: int, *, has_completed: bool, now: datetime) -> bool:
    """An account has one when it is two weeks old and has completed a purchase."""
    age_ms = int(now.timestamp() * 1000) - made_at_ms(account_id)
    return has_completed and age_ms >= HISTORY_AFTER // timedelta(milliseconds=1)


def opened_before(now: datetime) -> int:
    """Ids of accounts old enough are lower than this."""
    ms = int((now - HISTORY_AFTER).timestamp() * 1000) - EPOCH_MS
    return max(0, ms + 1) << 22
