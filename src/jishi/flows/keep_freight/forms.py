"""The template form: texts as typed, so that nothing is lost, and what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from jishi.kit.ids import ShopId, parse_id
from jishi.kit.money import format_plain, parse_minor
from jishi.modules.fulfilment import Template, TemplateId
from jishi.modules.fulfilment.rules_templates import (
    WRONG,
    covered,
    format_units,
    parse_units,
)
from jishi.modules.fulfilment.types_freight import ZONES_MAX, Counts, Zone, ZoneKind

CODES_MAX = 500
CODE_MAX = 999_999_999


class TemplateForm(msgspec.Struct, kw_only=True):
    """Fields by their names; those of zones run in step, one element per zone."""

    do: str = "save"
    version: int = 1
    name: str = ""
    counts: str = "piece"
    per_parcel: str = ""
    picking: str = ""  # the zone whose regions are being chosen
    pick: list[str] = msgspec.field(default_factory=list)
    z_kind: list[str] = msgspec.field(default_factory=list)
    z_regions: list[str] = msgspec.field(default_factory=list)  # codes, with commas between
    z_delivers: list[str] = msgspec.field(default_factory=list)
    z_first: list[str] = msgspec.field(default_factory=list)
    z_first_minor: list[str] = msgspec.field(default_factory=list)
    z_next: list[str] = msgspec.field(default_factory=list)
    z_next_minor: list[str] = msgspec.field(default_factory=list)
    z_free_minor: list[str] = msgspec.field(default_factory=list)
    z_free_pieces: list[str] = msgspec.field(default_factory=list)
    z_free_both: list[str] = msgspec.field(default_factory=list)


@dataclass(slots=True)
class ZoneTyped:
    kind: str = "regions"
    regions: tuple[int, ...] = ()
    delivers: bool = True
    first: str = "1"
    first_minor: str = ""
    next: str = "1"
    next_minor: str = ""
    free_minor: str = ""
    free_pieces: str = ""
    free_both: bool = False


@dataclass(slots=True)
class Sheet:
    """The whole form as typed. Everything a button of the form does, it does to this."""

    name: str = ""
    counts: str = "piece"
    per_parcel: bool = False
    version: int = 1
    picking: int | None = None
    zones: list[ZoneTyped] = field(default_factory=lambda: [ZoneTyped(kind="rest")])


def sheet_of_form(form: TemplateForm) -> Sheet:
    """What was posted, with one zone for the rest whatever was sent."""
    zones = [_typed(form, at) for at in range(min(len(form.z_kind), ZONES_MAX + 1))]
    rests = [zone for zone in zones if zone.kind == "rest"]
    abroad = [zone for zone in zones if zone.kind == "abroad"]
    named = [zone for zone in zones if zone.kind not in ("rest", "abroad")]
    sheet = Sheet(
        name=form.name,
        counts=form.counts if form.counts in set(Counts) else "piece",
        per_parcel=bool(form.per_parcel),
        version=form.version,
        zones=[*(rests[:1] or [ZoneTyped(kind="rest")]), *named, *abroad[:1]],
    )
    at = _place(form.picking, sheet)
    if at is not None:
        sheet.zones[at].regions = covered(codes_of(form.pick))
    return sheet


def pressed(sheet: Sheet, do: str) -> None:
    """What a button of the form does to it: ``add``, ``abroad``, ``remove:2``, ``pick:2``, ``done``."""
    verb, _, place = do.partition(":")
    at = _place(place, sheet)
    if verb == "add" and len(sheet.zones) < ZONES_MAX:
        last = len(sheet.zones) - (1 if sheet.zones[-1].kind == "abroad" else 0)
        sheet.zones.insert(last, ZoneTyped())
        sheet.picking = last
    elif verb == "abroad" and sheet.zones[-1].kind != "abroad":
        sheet.zones.append(ZoneTyped(kind="abroad"))
    elif verb == "remove" and at is not None and sheet.zones[at].kind != "rest":
        del sheet.zones[at]
    elif verb == "pick" and at is not None and sheet.zones[at].kind == "regions":
        sheet.picking = at


def sheet_of(template: Template, currency: str) -> Sheet:
    zones = sorted(template.zones, key=lambda zone: _ORDER[zone.kind])
    return Sheet(
        name=template.name,
        counts=template.counts.value,
        per_parcel=template.per_parcel,
        version=template.version,
        zones=[_zone_typed(zone, template.counts, currency) for zone in zones],
    )


_ORDER = {ZoneKind.REST: 0, ZoneKind.REGIONS: 1, ZoneKind.ABROAD: 2}


def draft_of(sheet: Sheet, template_id: TemplateId, shop_id: ShopId, currency: str) -> Template:
    """What the sheet means; what is no number becomes one that every rule refuses."""
    counts = Counts(sheet.counts)
    return Template(
        id=template_id,
        shop_id=shop_id,
        name=sheet.name,
        counts=counts,
        per_parcel=sheet.per_parcel,
        version=sheet.version,
        zones=tuple(_zone(zone, counts, currency) for zone in sheet.zones),
    )


def _zone(typed: ZoneTyped, counts: Counts, currency: str) -> Zone:
    kind = ZoneKind(typed.kind)
    if not typed.delivers:
        return Zone(kind=kind, regions=typed.regions, delivers=False)
    return Zone(
        kind=kind,
        regions=typed.regions,
        first_units=parse_units(typed.first, counts),
        first_minor=_minor(typed.first_minor, currency),
        next_units=parse_units(typed.next, counts),
        next_minor=_minor(typed.next_minor or "0", currency),
        free_from_minor=_minor(typed.free_minor, currency) if typed.free_minor.strip() else None,
        free_from_pieces=parse_units(typed.free_pieces, Counts.PIECE)
        if typed.free_pieces.strip()
        else None,
        free_needs_both=typed.free_both,
    )


def _zone_typed(zone: Zone, counts: Counts, currency: str) -> ZoneTyped:
    return ZoneTyped(
        kind=zone.kind.value,
        regions=zone.regions,
        delivers=zone.delivers,
        first=format_units(zone.first_units, counts),
        first_minor=format_plain(zone.first_minor, currency),
        next=format_units(zone.next_units, counts),
        next_minor=format_plain(zone.next_minor, currency),
        free_minor=""
        if zone.free_from_minor is None
        else format_plain(zone.free_from_minor, currency),
        free_pieces="" if zone.free_from_pieces is None else str(zone.free_from_pieces),
        free_both=zone.free_needs_both,
    )


def _typed(form: TemplateForm, at: int) -> ZoneTyped:
    def text(column: Sequence[str]) -> str:
        return column[at].strip()[:20] if at < len(column) else ""

    codes = form.z_regions[at].split(",") if at < len(form.z_regions) else []
    kind = text(form.z_kind)
    return ZoneTyped(
        kind=kind if kind in set(ZoneKind) else "regions",
        regions=covered(codes_of(codes)) if kind == "regions" else (),
        delivers=text(form.z_delivers) != "no",
        first=text(form.z_first),
        first_minor=text(form.z_first_minor),
        next=text(form.z_next),
        next_minor=text(form.z_next_minor),
        free_minor=text(form.z_free_minor),
        free_pieces=text(form.z_free_pieces),
        free_both=text(form.z_free_both) == "both",
    )


def codes_of(texts: Sequence[str]) -> list[int]:
    """Region codes of a form, at most 500; what is none is left out."""
    found = (parse_id(text.strip()) for text in texts[:CODES_MAX])
    return [code for code in found if code and code <= CODE_MAX]


def _place(text: str, sheet: Sheet) -> int | None:
    """The zone a button names, counted from 0."""
    at = 0 if text == "0" else parse_id(text)
    return at if at is not None and at < len(sheet.zones) else None


def _minor(text: str, currency: str) -> int:
    found = parse_minor(text, currency)
    return WRONG if found is None else found
