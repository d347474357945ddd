"""How a request for goods is understood. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from jishi.kit.money import parse_minor
from jishi.reads.storefront.types import SORTS, Filters, Sku

WORDS_MAX: Final = 12  # of one query
QUERY_MAX: Final = 100  # characters
PRICE_MAX_MINOR: Final = 10**12
CATEGORY_MAX: Final = 2**31 - 1


def tsquery(words: str, *, any_word: bool = False) -> str | None:
    """Words with spaces between as a query for ``to_tsquery``; None when there are none.

    Every word must be there, or one of them with ``any_word``. A word of two letters, and any in
    Chinese, also finds what begins with it, so that "sock" finds "socks" and 茶 finds 茶壶.
    """
    parts = [_part(word) for word in words.split()[:WORDS_MAX]]
    return (" | " if any_word else " & ").join(parts) or None


def _part(word: str) -> str:
    quoted = "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
    return quoted + ":*" if len(word) > 1 or not word.isascii() else quoted


def read_filters(
    asked: Mapping[str, str],
    *,
    currency: str,
    sort: str,
    sorts: Sequence[str],
    category_id: int | None = None,
) -> Filters:
    """Filters from the parameters of an address; what makes no sense is left out, as if not said.

    ``sort`` is the order when none of ``sorts`` is asked for; ``category_id`` is given by the path.
    """
    low = _price(asked.get("low", ""), currency)
    high = _price(asked.get("high", ""), currency)
    if low is not None and high is not None and low > high:
        low, high = high, low
    wanted = asked.get("sort", "")
    return Filters(
        sort=wanted if wanted in sorts and wanted in SORTS else sort,
        category_id=category_id or read_category(asked.get("c", "")),
        price_from_minor=low,
        price_to_minor=high,
        in_stock=asked.get("stock") == "1",
    )


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
