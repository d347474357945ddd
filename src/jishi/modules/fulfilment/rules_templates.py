"""What makes a freight template one that can be charged by. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.text import clean
from jishi.modules.fulfilment.types_freight import (
    FEE_MAX_MINOR,
    NAME_MAX,
    REGIONS_MAX,
    UNITS_MAX,
    ZONES_MAX,
    Counts,
    FeeInvalid,
    FirstInvalid,
    NameMissing,
    RegionsMissing,
    RegionTwice,
    RegionUnknown,
    Template,
    ThresholdInvalid,
    TooManyRegions,
    TooManyZones,
    Zone,
    ZoneKind,
)

WRONG = -1  # something was typed that is no number: every rule refuses it
DECIMALS: Mapping[Counts, int] = {Counts.PIECE: 0, Counts.WEIGHT: 3, Counts.VOLUME: 6}
DIGITS_MAX = 9
THRESHOLD_MAX_MINOR = 1_000_000_000


def checked(draft: Template, region_names: Mapping[int, str]) -> Template:
    """``draft`` cleaned and in order. ``region_names``: those of its regions that exist.

    Raises Refusals, one for each wrong field: ``name``, ``zones[0].first_units`` …
    """
    ready = replace(draft, name=clean(draft.name))
    problems = list(_problems(ready, region_names))
    if problems:
        raise Refusals(problems)
    return ready


def _problems(template: Template, names: Mapping[int, str]) -> Iterator[Refusal]:
    if not 1 <= len(template.name) <= NAME_MAX:
        yield NameMissing(field="name", limit=NAME_MAX)
    if len(template.zones) > ZONES_MAX:
        yield TooManyZones(field="zones", limit=ZONES_MAX)
    kinds = [zone.kind for zone in template.zones]
    assert kinds.count(ZoneKind.REST) == 1, "a template has one zone for the rest"
    assert kinds.count(ZoneKind.ABROAD) <= 1, "a template has one zone abroad at most"
    seen: set[int] = set()
    for at, zone in enumerate(template.zones):
        yield from _zone_problems(f"zones[{at}]", zone, names, seen)
        seen.update(zone.regions)


def _zone_problems(
    place: str, zone: Zone, names: Mapping[int, str], seen: set[int]
) -> Iterator[Refusal]:
    if zone.kind is ZoneKind.REGIONS:
        yield from _region_problems(place, zone.regions, names, seen)
    if zone.delivers:
        yield from _price_problems(place, zone)


def _region_problems(
    place: str, regions: Sequence[int], names: Mapping[int, str], seen: set[int]
) -> Iterator[Refusal]:
    field = f"{place}.regions"
    if not regions:
        yield RegionsMissing(field=field)
    if len(regions) > REGIONS_MAX:
        yield TooManyRegions(field=field, limit=REGIONS_MAX)
    if any(code not in names for code in regions):
        yield RegionUnknown(field=field)
    twice = next((code for code in regions if code in seen), None)
    if twice is not None:
        yield RegionTwice(field=field, region=names.get(twice, str(twice)))


def _price_problems(place: str, zone: Zone) -> Iterator[Refusal]:
    for name, units in (("first_units", zone.first_units), ("next_units", zone.next_units)):
        if not 1 <= units <= UNITS_MAX:
            yield FirstInvalid(field=f"{place}.{name}", limit=f"{UNITS_MAX:,}")
    for name, minor in (("first_minor", zone.first_minor), ("next_minor", zone.next_minor)):
        if not 0 <= minor <= FEE_MAX_MINOR:
            yield FeeInvalid(field=f"{place}.{name}", limit_minor=f"{FEE_MAX_MINOR // 100:,}")
    thresholds = (
        ("free_from_minor", zone.free_from_minor, THRESHOLD_MAX_MINOR),
        ("free_from_pieces", zone.free_from_pieces, UNITS_MAX),
    )
    for name, value, most in thresholds:
        if value is not None and not 0 < value <= most:
            yield ThresholdInvalid(field=f"{place}.{name}")


def parse_units(text: str, counts: Counts) -> int:
    """What was typed in pieces, kilograms or cubic metres, in the template's unit; WRONG for no number."""
    whole, point, rest = text.strip().replace(",", "").partition(".")
    decimals = DECIMALS[counts]
    is_plain = whole.isascii() and whole.isdigit() and len(whole) <= DIGITS_MAX
    if not is_plain or (point and not (rest.isascii() and rest.isdigit())):
        return WRONG
    if len(rest.rstrip("0")) > decimals:
        return WRONG
    return int(whole + (rest + "0" * decimals)[:decimals])


def format_units(units: int, counts: Counts) -> str:
    """As ``parse_units`` reads it, without trailing zeros."""
    decimals = DECIMALS[counts]
    digits = str(units).rjust(decimals + 1, "0")
    whole, rest = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{whole}.{rest}" if rest else whole


def covered(regions: Sequence[int]) -> tuple[int, ...]:
    """Regions without those that lie in another one of them."""
    chosen = set(regions)
    return tuple(
        code
        for code in sorted(chosen)
        if not any(
            int(str(code)[:digits]) in chosen for digits in (2, 4) if digits < len(str(code))
        )
    )
