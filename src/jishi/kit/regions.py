"""Where something goes, as codes of regions: a code holds those above it as its leading digits.

Province 2 digits, city 4, district 6, street 9; source: National Bureau of Statistics, table ``region``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

DIGITS: Final = (2, 4, 6, 9)  # of a code, by level
CHINA: Final = "CN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """``regions`` from the province down, empty abroad and where nothing is known yet."""

    regions: tuple[int, ...] = ()
    is_abroad: bool = False

    @property
    def is_known(self) -> bool:
        return self.is_abroad or bool(self.regions)


NOWHERE_YET: Final = Destination()


def region_chain(code: int) -> tuple[int, ...]:
    """A region and all above it, from the province down; empty for what is no code of a region."""
    text = str(code) if code > 0 else ""
    if len(text) not in DIGITS:
        return ()
    return tuple(int(text[:digits]) for digits in DIGITS if digits <= len(text))


def destination_of(address: Mapping[str, Any] | None) -> Destination:
    """Where an address (as orders keep it: ``country``, ``region_code``) lies; None: not known yet."""
    if address is None:
        return NOWHERE_YET
    if address.get("country", CHINA) != CHINA:
        return Destination(is_abroad=True)
    return Destination(regions=region_chain(int(address.get("region_code") or 0)))


def closeness(destination: Destination, regions: Iterable[int]) -> int:
    """How closely ``regions`` name the destination: 3 its district, 2 city, 1 province, 0 not at all."""
    named = set(regions)
    return max(
        (at for at, code in enumerate(destination.regions, start=1) if code in named), default=0
    )
