"""Money in integer minor units. Two ways to divide it, each with its rounding in the name."""

from collections.abc import Sequence

BASIS_POINTS = 10_000

DIGITS_MAX = 13  # before the point
# Digits after the point; ISO 4217. Others have two.
SCALES = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3}


def scale_of(currency: str) -> int:
    """How many digits of ``currency`` stand after the point."""
    return SCALES.get(currency, 2)


def share_down(amount_minor: int, rate_bp: int) -> int:
    """``rate_bp`` basis points of an amount ≥ 0, rounded down: the platform never takes more."""
    assert amount_minor >= 0
    assert rate_bp >= 0
    return amount_minor * rate_bp // BASIS_POINTS


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Parts of ``amount_minor`` in proportion to ``weights``, adding up to it exactly.

    Largest remainder; ties go to the earlier position. Weights are ≥ 0; when all are 0 the parts
    are as equal as can be. The amount may be negative: then its mirror image is split.
    """
    assert weights, "nothing to split over"
    assert all(weight >= 0 for weight in weights)
    if len(weights) == 1:
        return [amount_minor]
    if amount_minor < 0:
        return [-part for part in split(-amount_minor, weights)]
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    parts = [amount_minor * weight // total for weight in weights]
    left = amount_minor - sum(parts)
    by_remainder = sorted(
        range(len(weights)), key=lambda at: (-(amount_minor * weights[at] % total), at)
    )
    for at in by_remainder[:left]:
        parts[at] += 1
    return parts


def parse_minor(text: str, currency: str) -> int | None:
    """Minor units from a plain decimal such as ``12``, ``12.5`` or ``12.50``.

    None when it is not a number ≥ 0 or has more digits than the currency.
    """
    whole, point, fraction = text.strip().replace(",", "").partition(".")
    scale = scale_of(currency)
    if not (whole.isascii() and whole.isdigit() and len(whole) <= DIGITS_MAX):
        return None
    if point and not (fraction.isascii() and fraction.isdigit()):
        return None
    if len(fraction.rstrip("0")) > scale:
        return None
    return int(whole + (fraction + "0" * scale)[:scale])


def format_plain(amount_minor: int, currency: str) -> str:
    """``1234.50`` for files and programs; people see ``web.i18n.money``."""
    scale = scale_of(currency)
    sign, digits = ("-" if amount_minor < 0 else ""), str(abs(amount_minor)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else sign + digits


def in_words(amount_minor: int) -> str:
    """An amount inside a sentence; the market's scale is the usual two digits there."""
    return f"{amount_minor // 100:,}.{amount_minor % 100:02}"
