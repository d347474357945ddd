"""What freight costs. Pure: lines, templates and a destination in, amounts with their reasons out.

Every template charges its own lines, and the shop's flat freight those without one; the sum is the
order's freight. Lines from several warehouses are charged as one parcel, unless their template says
"per parcel"; its free thresholds count over all its lines either way.
"""

from collections.abc import Iterable, Mapping, Sequence

from jishi.kit.money import split
from jishi.kit.regions import Destination, closeness
from jishi.modules.fulfilment.types_freight import (
    Counts,
    FlatFreight,
    Freight,
    FreightLine,
    FreightPart,
    FreightReason,
    Template,
    TemplateId,
    Zone,
    ZoneKind,
)


def freight(
    lines: Sequence[FreightLine],
    templates: Mapping[TemplateId, Template],
    flat: FlatFreight,
    destination: Destination,
) -> Freight:
    """The freight of one shop's lines to one place. An unknown template counts as none."""
    groups: dict[TemplateId | None, list[FreightLine]] = {}
    for line in lines:
        known = line.template_id if line.template_id in templates else None
        groups.setdefault(known, []).append(line)
    parts: list[FreightPart] = []
    undeliverable: list[int] = []
    for template_id, group in groups.items():
        if template_id is None:
            parts.append(_flat_part(group, flat))
            continue
        template = templates[template_id]
        zone = zone_for(template, destination)
        if zone is None or not zone.delivers:
            undeliverable += [line.line for line in group]
        else:
            parts += _template_parts(template, zone, group)
    goods = {line.line: line.goods_minor for line in lines}
    shares = {
        line: share
        for part in parts
        for line, share in zip(
            part.lines, split(part.amount_minor, [goods[it] for it in part.lines]), strict=True
        )
    }
    return Freight(
        amount_minor=sum(part.amount_minor for part in parts),
        parts=parts,
        line_minor=shares,
        undeliverable=tuple(undeliverable),
        is_estimate=not destination.is_known,
    )


def zone_for(template: Template, destination: Destination) -> Zone | None:
    """The zone that names the destination most closely, else the rest; abroad only the zone abroad."""
    if destination.is_abroad:
        return _zone_of(template, ZoneKind.ABROAD)
    named = [zone for zone in template.zones if closeness(destination, zone.regions)]
    if named:
        return max(named, key=lambda zone: closeness(destination, zone.regions))
    return _zone_of(template, ZoneKind.REST)


def units_of(lines: Iterable[FreightLine], counts: Counts) -> int:
    """How much is sent: pieces, grams or cubic centimetres."""
    match counts:
        case Counts.PIECE:
            return sum(line.quantity for line in lines)
        case Counts.WEIGHT:
            return sum(line.quantity * line.weight_grams for line in lines)
        case Counts.VOLUME:
            return sum(line.quantity * line.volume_cm3 for line in lines)


def fee(zone: Zone, units: int) -> int:
    """The first units for the first fee, and the next fee for each begun ``next_units`` beyond."""
    beyond = max(units - zone.first_units, 0)
    return zone.first_minor + -(-beyond // zone.next_units) * zone.next_minor


def free_reason(zone: Zone, *, goods_minor: int, pieces: int) -> FreightReason | None:
    """Why the zone charges nothing; None when it charges. A threshold itself is enough."""
    by_amount = zone.free_from_minor is not None and goods_minor >= zone.free_from_minor
    by_pieces = zone.free_from_pieces is not None and pieces >= zone.free_from_pieces
    if zone.free_needs_both and None not in (zone.free_from_minor, zone.free_from_pieces):
        return FreightReason.FREE_BOTH if by_amount and by_pieces else None
    if by_amount:
        return FreightReason.FREE_AMOUNT
    return FreightReason.FREE_PIECES if by_pieces else None


def _zone_of(template: Template, kind: ZoneKind) -> Zone | None:
    return next((zone for zone in template.zones if zone.kind is kind), None)


def _flat_part(lines: Sequence[FreightLine], flat: FlatFreight) -> FreightPart:
    goods = sum(line.goods_minor for line in lines)
    is_free = flat.free_from_minor is not None and goods >= flat.free_from_minor
    reason = FreightReason.FLAT if flat.freight_minor else FreightReason.NOTHING
    return FreightPart(
        template_id=None,
        name="",
        counts=None,
        amount_minor=0 if is_free else flat.freight_minor,
        lines=tuple(line.line for line in lines),
        reason=FreightReason.FLAT_FREE if is_free and flat.freight_minor else reason,
        facts={"free_from_minor": flat.free_from_minor or 0, "first_minor": flat.freight_minor},
    )


def _template_parts(
    template: Template, zone: Zone, lines: Sequence[FreightLine]
) -> list[FreightPart]:
    free = free_reason(
        zone,
        goods_minor=sum(line.goods_minor for line in lines),
        pieces=sum(line.quantity for line in lines),
    )
    parcels: dict[int | None, list[FreightLine]] = {}
    for line in lines:
        by = line.warehouse_id if template.per_parcel else None
        parcels.setdefault(by, []).append(line)
    return [
        _priced(template, zone, parcel, free, warehouse_id)
        for warehouse_id, parcel in parcels.items()
    ]


def _priced(
    template: Template,
    zone: Zone,
    lines: Sequence[FreightLine],
    free: FreightReason | None,
    warehouse_id: int | None,
) -> FreightPart:
    units = units_of(lines, template.counts)
    amount = 0 if free else fee(zone, units)
    return FreightPart(
        template_id=template.id,
        name=template.name,
        counts=template.counts,
        amount_minor=amount,
        lines=tuple(line.line for line in lines),
        reason=free or _paid_reason(zone, units, amount),
        facts={
            "units": units,
            "first": zone.first_units,
            "first_minor": zone.first_minor,
            "next": zone.next_units,
            "next_minor": zone.next_minor,
            "free_from_minor": zone.free_from_minor or 0,
            "free_from_pieces": zone.free_from_pieces or 0,
        },
        warehouse_id=warehouse_id,
    )


def _paid_reason(zone: Zone, units: int, amount_minor: int) -> FreightReason:
    if amount_minor == 0:
        return FreightReason.NOTHING
    return FreightReason.MORE if units > zone.first_units else FreightReason.FIRST
