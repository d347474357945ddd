"""The clock of the composition roots; everything else is handed ``now``."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
