"""The words of freight: templates, zones, what was asked and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import ShopId
from jishi.kit.text import mark as _

TemplateId = NewType("TemplateId", int)

TEMPLATES_MAX: Final = 50  # of one shop
ZONES_MAX: Final = 40  # of one template
REGIONS_MAX: Final = 500  # of one zone
NAME_MAX: Final = 60
UNITS_MAX: Final = 100_000_000
FEE_MAX_MINOR: Final = 100_000_000


class Counts(StrEnum):
    """What a template counts. Its units: pieces, grams, cubic centimetres."""

    PIECE = "piece"
    WEIGHT = "weight"
    VOLUME = "volume"


class ZoneKind(StrEnum):
    REST = "rest"  # everywhere in China that no other zone names; exactly one
    REGIONS = "regions"
    ABROAD = "abroad"  # at most one; without it nothing is delivered abroad


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The price for some regions. ``delivers`` False: nothing goes there, the price is not looked at.

    Free of charge from ``free_from_minor`` of goods or ``free_from_pieces`` on (``free_needs_both``:
    when both are reached); a threshold itself is enough. None: no such threshold.
    """

    kind: ZoneKind
    regions: tuple[int, ...] = ()
    delivers: bool = True
    first_units: int = 1
    first_minor: int = 0
    next_units: int = 1
    next_minor: int = 0
    free_from_minor: int | None = None
    free_from_pieces: int | None = None
    free_needs_both: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """``zones``: exactly one REST, at most one ABROAD, no region in two of them."""

    id: TemplateId
    shop_id: ShopId
    name: str
    counts: Counts
    per_parcel: bool
    zones: tuple[Zone, ...]
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatFreight:
    """What a shop charges for goods without a template: once an order, free from a threshold on."""

    freight_minor: int
    free_from_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightLine:
    """One line of an order. ``goods_minor``: what the shop gets for its goods, all pieces.

    ``line`` is the caller's number, each once. ``template_id`` None: the shop's flat freight.
    ``weight_grams`` and ``volume_cm3`` of one piece; 0 when nobody wrote them down.
    """

    line: int
    quantity: int
    goods_minor: int
    template_id: TemplateId | None = None
    weight_grams: int = 0
    volume_cm3: int = 0
    warehouse_id: int | None = None


class FreightReason(StrEnum):
    """Why a part costs what it costs; ``WORDS`` has the sentence of each."""

    FLAT = "flat"
    FLAT_FREE = "flat_free"
    FREE_AMOUNT = "free_amount"
    FREE_PIECES = "free_pieces"
    FREE_BOTH = "free_both"
    NOTHING = "nothing"
    FIRST = "first"
    MORE = "more"


# Facts ending in _minor are money; first, next, units are in the template's own unit.
WORDS: Final[Mapping[FreightReason, str]] = {
    FreightReason.FLAT: _("The shop's freight for one order"),
    FreightReason.FLAT_FREE: _("Free from {free_from_minor} of goods on"),
    FreightReason.FREE_AMOUNT: _("Free from {free_from_minor} of goods on"),
    FreightReason.FREE_PIECES: _("Free from {free_from_pieces} pieces on"),
    FreightReason.FREE_BOTH: _(
        "Free from {free_from_pieces} pieces and {free_from_minor} of goods on"
    ),
    FreightReason.NOTHING: _("The shop pays the freight"),
    FreightReason.FIRST: _("{first_minor} for the first {first}; here {units}"),
    FreightReason.MORE: _(
        "{first_minor} for the first {first}, {next_minor} for each further {next}; here {units}"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightPart:
    """What one template (None: the flat freight) charges for its lines, or for those of one parcel.

    ``counts`` says how ``units``, ``first`` and ``next`` of the facts are to be read; None for flat.
    """

    template_id: TemplateId | None
    name: str
    counts: Counts | None
    amount_minor: int
    lines: tuple[int, ...]
    reason: FreightReason
    facts: Mapping[str, int] = field(default_factory=dict)
    warehouse_id: int | None = None  # of a template charged per parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Freight:
    """What the freight of one order is and why.

    ``line_minor`` has every line that is delivered; Σ line_minor = Σ parts = ``amount_minor``.
    ``undeliverable`` lines cost nothing here and cannot be bought to that place.
    ``is_estimate``: no address was given, so the price is that of the zone "rest".
    """

    amount_minor: int
    parts: Sequence[FreightPart]
    line_minor: Mapping[int, int]
    undeliverable: tuple[int, ...] = ()
    is_estimate: bool = False


class NotDeliveredThere(Refusal):
    kind, code = Kind.CONFLICT, "freight.not_delivered_there"
    text = "The shop does not deliver this to the chosen address. Choose another address, or take it out."


class TemplateUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "freight.template_unknown"
    text = "This shop has no such freight template."


class TemplateChanged(Refusal):
    kind, code = Kind.CONFLICT, "freight.template_changed"
    text = "Someone else has changed this template meanwhile. Look at it again."


class TemplateInUse(Refusal):
    kind, code = Kind.CONFLICT, "freight.template_in_use"
    text = "{count} products use this template. Give them another one first."


class TooManyTemplates(Refusal):
    kind, code = Kind.CONFLICT, "freight.too_many_templates"
    text = "A shop has at most {limit} freight templates."


class NameMissing(Refusal):
    code, text = "freight.name_missing", "Give it a name of 1 to {limit} characters."


class NameTaken(Refusal):
    kind, code = Kind.CONFLICT, "freight.name_taken"
    text = "Another template of this shop has this name."


class TooManyZones(Refusal):
    code, text = "freight.too_many_zones", "A template has at most {limit} zones."


class TooManyRegions(Refusal):
    code, text = "freight.too_many_regions", "A zone names at most {limit} regions."


class RegionsMissing(Refusal):
    code, text = "freight.regions_missing", "Choose at least one region for this zone."


class RegionUnknown(Refusal):
    code, text = "freight.region_unknown", "A region of this zone is not in the list any more."


class RegionTwice(Refusal):
    code, text = "freight.region_twice", "{region} stands in two zones. Keep it in one of them."


class FirstInvalid(Refusal):
    code, text = "freight.first_invalid", "Write a quantity above 0, at most {limit}."


class FeeInvalid(Refusal):
    code, text = (
        "freight.fee_invalid",
        "Write an amount from 0 to {limit_minor}, such as 8 or 8.50.",
    )


class MeasureInvalid(Refusal):
    code, text = "freight.measure_invalid", "Write a whole number from 0 to {limit}."


class ThresholdInvalid(Refusal):
    code, text = "freight.threshold_invalid", "Write a number above 0, or leave it empty."
