"""Working days: Monday to Friday in Beijing. Pure; public holidays are not known."""

from datetime import datetime, timedelta, timezone
from typing import Final

ZONE: Final = timezone(timedelta(hours=8))
SATURDAY: Final = 5


def working_days_later(start: datetime, days: int) -> datetime:
    """``days`` working days after ``start``, at the same time of day, in its zone.

    What comes on a weekend counts as come at the first minute of Monday.
    """
    at = start.astimezone(ZONE)
    while days and at.weekday() >= SATURDAY:
        at = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < SATURDAY
    return at.astimezone(start.tzinfo)
