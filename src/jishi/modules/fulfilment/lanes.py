"""How long a parcel takes from province to province, when nobody has measured it. Pure.

Coordinates are those of the provinces' capitals in hundredths of a degree, as any atlas has them.
"""

from collections.abc import Mapping
from math import isqrt
from typing import Final

UNKNOWN: Final = 0  # of lane_from and lane_to: province not known
ABROAD: Final = 1  # of lane_to
DAYS_UNKNOWN: Final = 5
DAYS_ABROAD: Final = 15
DAYS_MAX: Final = 60
MEASURED_MIN: Final = 20  # parcels before a measured figure counts

# province: (latitude, longitude)
CAPITALS: Final[Mapping[int, tuple[int, int]]] = {
    11: (3990, 11641), 12: (3912, 11720), 13: (3804, 11451), 14: (3787, 11255), 15: (4084, 11175),
    21: (4180, 12343), 22: (4388, 12532), 23: (4580, 12653), 31: (3123, 12147), 32: (3206, 11880),
    33: (3027, 12016), 34: (3182, 11723), 35: (2607, 11930), 36: (2868, 11586), 37: (3665, 11712),
    41: (3475, 11363), 42: (3059, 11431), 43: (2823, 11294), 44: (2313, 11326), 45: (2282, 10837),
    46: (2004, 11034), 50: (2956, 10655), 51: (3057, 10407), 52: (2665, 10663), 53: (2504, 10271),
    54: (2965, 9114), 61: (3427, 10895), 62: (3606, 10383), 63: (3662, 10178), 64: (3849, 10623),
    65: (4383, 8762), 71: (2505, 12151), 81: (2228, 11416), 82: (2220, 11354),
}  # fmt: skip
FAR: Final = frozenset({54, 63, 65})  # one day more
BORDER: Final = frozenset({71, 81, 82})  # customs: three days more
KM_PER_DEGREE: Final = 111
LONGITUDE_PERCENT: Final = 82  # of a degree of latitude, at 35° north
# up to so many kilometres: days
DISTANCES: Final = ((400, 2), (1_200, 3), (2_200, 4))
DAYS_FARTHEST: Final = 5


def default_days(lane_from: int, lane_to: int) -> int:
    """Days from shipping to arrival by distance; the province itself counts as the nearest lane."""
    if lane_to == ABROAD:
        return DAYS_ABROAD
    if lane_from not in CAPITALS or lane_to not in CAPITALS:
        return DAYS_UNKNOWN
    km = distance_km(lane_from, lane_to)
    days = next((days for limit, days in DISTANCES if km <= limit), DAYS_FARTHEST)
    if lane_from == lane_to:
        return days
    ends = {lane_from, lane_to}
    return days + (1 if ends & FAR else 0) + (3 if ends & BORDER else 0)


def distance_km(one: int, other: int) -> int:
    """Between the capitals of two provinces, near enough for a promise."""
    (lat_a, lon_a), (lat_b, lon_b) = CAPITALS[one], CAPITALS[other]
    north = (lat_a - lat_b) * KM_PER_DEGREE
    east = (lon_a - lon_b) * KM_PER_DEGREE * LONGITUDE_PERCENT // 100
    return isqrt(north * north + east * east) // 100


def promised_days(
    lane_from: int, lane_to: int, *, carrier_days: int | None, lane_days: int | None
) -> int:
    """What is promised: the carrier's own measured days, else the lane's, else by distance."""
    return carrier_days or lane_days or default_days(lane_from, lane_to)
