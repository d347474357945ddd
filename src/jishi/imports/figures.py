"""Numbers, money and dates as files write them. None means: not one."""

import re
from datetime import UTC, datetime, tzinfo

from jishi.kit.money import scale_of

_DECIMAL = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,8}))?")
_WHOLE = re.compile(r"([+-]?[0-9]{1,12})(?:\.0+)?")
AMOUNT_MAX_MINOR = 10**12


def minor_of(text: str, currency: str) -> int | None:
    """Minor units of a plain decimal ≥ 0: ``12``, ``12.5``, ``12.50``, ``12.500``."""
    found = _DECIMAL.fullmatch(text.strip())
    if not found:
        return None
    scale = scale_of(currency)
    fraction = (found[2] or "").rstrip("0")
    if len(fraction) > scale:
        return None
    minor = int(found[1]) * 10**scale + int(fraction.ljust(scale, "0") or 0)
    return minor if minor <= AMOUNT_MAX_MINOR else None


def whole_of(text: str) -> int | None:
    """A whole number with an optional sign; ``454.0`` counts as one."""
    found = _WHOLE.fullmatch(text.strip())
    return int(found[1]) if found else None


def truth_of(text: str) -> bool | None:
    """``true`` or ``false`` in any case; None for anything else."""
    return {"true": True, "false": False}.get(text.strip().lower())


def instant_of(text: str, zone: tzinfo = UTC) -> datetime | None:
    """``2017-07-09 21:57:05`` on the clocks of ``zone``, as UTC; None when it is no such time."""
    try:
        at = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        return None
    return at.astimezone(UTC)
