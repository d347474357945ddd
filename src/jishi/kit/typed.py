"""Numbers and days as people type them into forms. A number that is none becomes one every rule refuses."""

from datetime import date
from typing import Final

from jishi.kit.errors import FieldInvalid, FieldMissing
from jishi.kit.money import parse_minor
from jishi.kit.text import clean

WRONG: Final = -1
DIGITS_MAX: Final = 12


def read_minor(text: str, currency: str) -> int:
    """An amount in minor units; WRONG for anything else."""
    found = parse_minor(text, currency)
    return WRONG if found is None else found


def read_whole(text: str) -> int:
    """A whole number of at most twelve digits, commas between them or not; WRONG for anything else."""
    plain = text.strip().replace(",", "")
    is_whole = plain.isascii() and plain.isdigit() and len(plain) <= DIGITS_MAX
    return int(plain) if is_whole else WRONG


def read_line(text: str, field: str, most: int) -> str:
    """One line as a person meant it. Raises FieldMissing; FieldInvalid beyond ``most`` signs."""
    line = clean(text)
    if not line:
        raise FieldMissing(field=field)
    if len(line) > most:
        raise FieldInvalid(field=field, detail=f"≤ {most}")
    return line


def read_day(text: str, field: str) -> date | None:
    """A day as a form sends it; None when empty. Raises FieldInvalid."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as problem:
        raise FieldInvalid(field=field, detail=text[:20]) from problem
