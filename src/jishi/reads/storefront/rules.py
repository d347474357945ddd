"""How a request for goods is understood. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from jishi.kit.money import parse_minor
from jishi.kit.text import clean
from jishi.reads.storefront.types import SORTS, Filters, Sku

CHOSEN_MAX: Final = 10  # values of one kind that can be chosen at once
VALUE_MAX: Final = 100  # characters of one
PRICE_MAX_MINOR: Final = 10**12
CATEGORY_MAX: Final = 2**31 - 1
CITY: Final = re.compile(r"[1-8][0-9]{3}")


def read_filters(
    asked: Mapping[str, Sequence[str]],
    *,
    currency: str,
    sort: str,
    sorts: Sequence[str],
    category_id: int | None = None,
) -> Filters:
    """Filters from the parameters of an address; what makes no sense is left out, as if not said.

    ``sort`` is the order when none of ``sorts`` is asked for; ``category_id`` is given by the path.
    Parameters: c, low, high, stock, free, offer, rating, brand …, a=name:value …, near, sort.
    """
    low = _price(_one(asked, "low"), currency)
    high = _price(_one(asked, "high"), currency)
    if low is not None and high is not None and low > high:
        low, high = high, low
    wanted, stars, city = _one(asked, "sort"), _one(asked, "rating"), _one(asked, "near")
    return Filters(
        sort=wanted if wanted in sorts and wanted in SORTS else sort,
        category_id=category_id or read_category(_one(asked, "c")),
        price_from_minor=low,
        price_to_minor=high,
        in_stock=_one(asked, "stock") == "1",
        free_freight=_one(asked, "free") == "1",
        on_offer=_one(asked, "offer") == "1",
        rating=int(stars) if stars in {"3", "4"} else None,
        brands=tuple(_several(asked, "brand")),
        values=tuple(
            (name, value)
            for each in _several(asked, "a")
            for name, _, value in [each.partition(":")]
            if name and value
        ),
        city=int(city) if CITY.fullmatch(city) else None,
    )


def _one(asked: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(asked.get(name, ())), "")


def _several(asked: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """Different values, at most ten; too long ones and ones with control characters are nobody's."""
    given = (clean(value) for value in asked.get(name, ()) if len(value) <= VALUE_MAX)
    return list(dict.fromkeys(value for value in given if value))[:CHOSEN_MAX]


def _price(text: str, currency: str) -> int | None:
    found = parse_minor(text, currency) if text.strip() else None
    return min(found, PRICE_MAX_MINOR) if found is not None else None


def read_category(text: str) -> int | None:
    """A category id from an address; None for what is none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 10  # noqa: PLR2004 - of an int
    return int(text) if is_number and 0 < int(text) <= CATEGORY_MAX else None


def preselected(skus: Sequence[Sku], asked_id: int | None) -> Sku | None:
    """The SKU a page opens with: the one asked for, else the first that can be had."""
    asked = next((sku for sku in skus if sku.id == asked_id), None)
    return asked or next((sku for sku in skus if sku.left_over > 0), None) or next(iter(skus), None)
