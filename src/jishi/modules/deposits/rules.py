"""When what lacks of a deposit is due. Pure."""

from datetime import datetime

from jishi.modules.deposits.types import TOP_UP


def lacking(required_minor: int, held_minor: int) -> int:
    """Minor units still to be paid."""
    return max(required_minor - held_minor, 0)


def due_at(
    required_minor: int, held_minor: int, before: datetime | None, *, now: datetime
) -> datetime | None:
    """By when what lacks is to be paid: seven days after it began to lack; None when nothing lacks."""
    if held_minor >= required_minor:
        return None
    return before or now + TOP_UP
