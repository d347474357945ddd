"""What a lane is, and what news was worth. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from jishi.kit.regions import CHINA, region_chain
from jishi.modules.fulfilment import ABROAD, UNKNOWN


class NewsVerdict(StrEnum):
    TAKEN = "taken"
    REPEAT = "repeat"  # every scan was known
    UNKNOWN = "unknown"  # no parcel travels under this waybill


def lane(row: Mapping[str, Any]) -> tuple[int, int]:
    """From which province to which, from regions of any level: 0 not known, to 1 abroad."""
    if (row["country"] or CHINA) != CHINA:
        return province_of(row["from_region"]), ABROAD
    return province_of(row["from_region"]), province_of(row["to_region"])


def province_of(code: int | None) -> int:
    chain = region_chain(code or 0)
    return chain[0] if chain else UNKNOWN


def verdict_of(*, is_known: bool, is_fresh: bool) -> NewsVerdict:
    """What became of one piece of news: its parcel is unknown, nothing was new, or something was."""
    if not is_known:
        return NewsVerdict.UNKNOWN
    return NewsVerdict.TAKEN if is_fresh else NewsVerdict.REPEAT
