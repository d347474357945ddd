"""Waybill numbers: a prefix per carrier, a running number, a check digit. Pure."""

from typing import Final

PREFIXES: Final = {
    "shunfeng": "SF",
    "yuantong": "YT",
    "zhongtong": "7",
    "yunda": "4",
    "shentong": "77",
    "jtexpress": "JT",
    "jd": "JD",
    "ems": "EA",
    "youzhengguonei": "98",
    "debangkuaidi": "DPK",
}
OTHER: Final = "JS"
DIGITS: Final = 11


def waybill_number(carrier: str, serial: int) -> str:
    """The ``serial``-th (≥ 1) number of a carrier's range."""
    assert 1 <= serial < 10**DIGITS
    body = str(serial).rjust(DIGITS, "0")
    return f"{PREFIXES.get(carrier, OTHER)}{body}{check_digit(body)}"


def check_digit(digits: str) -> str:
    """Luhn's: finds every wrong digit and nearly every swap of neighbours. Source: ISO/IEC 7812-1."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004
    return str(-total % 10)


def is_number(carrier: str, number: str) -> bool:
    """Whether a number could be of this carrier's range."""
    prefix = PREFIXES.get(carrier, OTHER)
    body = number.removeprefix(prefix)
    if body == number or not body.isdigit() or len(body) != DIGITS + 1:
        return False
    return check_digit(body[:-1]) == body[-1]
