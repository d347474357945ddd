"""Numbers on papers, judged by their check digits; names and numbers hidden. Pure."""

import hashlib
import hmac
import re
from datetime import UTC, date, datetime
from typing import Final

# source: GB 32100-2015, section 4.4 and annex A
REGISTRATION_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGISTRATION_LENGTH: Final = 18
REGISTRATION_MODULUS: Final = 31
# source: GB 11643-1999, section 4
ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS: Final = "10X98765432"
ID_NUMBER: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
OLDEST_YEARS: Final = 120
# source: registration numbers of the China Trade Mark Office, with the letter of a divided application
TRADEMARK: Final = re.compile(r"[1-9][0-9]{4,8}[A-Z]?")


def plain_number(text: str) -> str:
    """A number as typed, without spaces and in capitals."""
    return "".join(text.split()).upper()


def is_registration_number(number: str) -> bool:
    """Whether it is a unified social credit code: 18 characters, the last one their check."""
    if len(number) != REGISTRATION_LENGTH or any(c not in REGISTRATION_DIGITS for c in number):
        return False
    return number[-1] == registration_check(number[:-1])


def registration_check(body: str) -> str:
    """The check character of the first 17: weights are powers of 3 modulo 31."""
    total = sum(REGISTRATION_DIGITS.index(c) * pow(3, at, 31) for at, c in enumerate(body))
    return REGISTRATION_DIGITS[-total % REGISTRATION_MODULUS]


def is_id_number(number: str, *, today: date) -> bool:
    """Whether it is a resident identity number: a day of birth that has been, and its check digit."""
    if not ID_NUMBER.fullmatch(number) or number[-1] != id_check(number[:17]):
        return False
    try:
        born = datetime.strptime(number[6:14], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return False
    return today.year - OLDEST_YEARS <= born.year and born <= today


def id_check(body: str) -> str:
    return ID_CHECKS[sum(int(c) * w for c, w in zip(body, ID_WEIGHTS, strict=True)) % 11]


def is_trademark_number(number: str) -> bool:
    return TRADEMARK.fullmatch(number) is not None


def masked_number(number: str) -> str:
    """``110101********1234``: enough to recognise, too little to use."""
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def hidden(number: str, secret: bytes) -> bytes:
    """A keyed hash: equal numbers are equal, and without the market's secret none can be tried out."""
    return hmac.digest(secret, b"identity\0" + number.encode(), hashlib.sha256)
