"""What moves do to quantities. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.text import clean
from jishi.modules.stock.types import (
    CONTACT_MAX,
    EFFECTS,
    LOCATION_MAX,
    PHONE_MAX,
    PRIORITY_MAX,
    QUANTITY_MAX,
    REGIONS_MAX,
    STREET_MAX,
    WAREHOUSE_NAME_MAX,
    WHY_MAX,
    Count,
    CountMoved,
    DefaultStaysOpen,
    Move,
    MoveKind,
    NotEnough,
    PriorityInvalid,
    Quantities,
    QuantityInvalid,
    RegionsMissing,
    RegionUnknown,
    TextTooLong,
    Warehouse,
    WarehouseNameMissing,
)


def moved(before: Quantities, kind: MoveKind, quantity: int) -> Quantities:
    """``before`` after a move. Raises QuantityInvalid, NotEnough when a quantity would fall below 0."""
    check_quantity(quantity)
    after = _added(before, kind, quantity)
    if min(after.on_hand, after.held, after.sold, after.lost, after.received) < 0:
        raise NotEnough(field="quantity", on_hand=before.on_hand)
    if after.on_hand > QUANTITY_MAX:
        raise QuantityInvalid(field="quantity", least=1, limit=QUANTITY_MAX)
    return after


def total(moves: Iterable[tuple[MoveKind, int]]) -> Quantities:
    """The sum of a whole journal, in any order."""
    sums = Quantities()
    for kind, quantity in moves:
        sums = _added(sums, kind, quantity)
    return sums


def adds_up(quantities: Quantities) -> bool:
    parts = (quantities.on_hand, quantities.held, quantities.sold, quantities.lost)
    return min(parts) >= 0 and quantities.received == sum(parts)


def counted(before: Quantities, count: Count) -> Move | None:
    """The move that makes ``on_hand`` what was counted; None when it is so already.

    Raises QuantityInvalid; CountMoved when the shelf is not as the counter had seen it.
    """
    if not 0 <= count.on_hand <= QUANTITY_MAX:
        raise QuantityInvalid(field="on_hand", least=0, limit=QUANTITY_MAX)
    if count.seen is not None and count.seen != before.on_hand:
        raise CountMoved(field="on_hand", on_hand=before.on_hand, seen=count.seen)
    difference = count.on_hand - before.on_hand
    if difference == 0:
        return None
    return Move(
        sku_id=count.sku_id,
        warehouse_id=count.warehouse_id,
        kind=MoveKind.RECEIVE if difference > 0 else MoveKind.TAKE_OUT,
        quantity=abs(difference),
        why=reason(count.why) or "counted",
    )


def check_quantity(quantity: int) -> None:
    """Raises QuantityInvalid for anything but 1 … 100,000,000."""
    if not 1 <= quantity <= QUANTITY_MAX:
        raise QuantityInvalid(field="quantity", least=1, limit=QUANTITY_MAX)


def reason(why: str) -> str:
    """Why something moved: one line of at most 200 characters."""
    return clean(why)[:WHY_MAX]


def checked_warehouse(draft: Warehouse, known: frozenset[int]) -> Warehouse:
    """``draft`` cleaned and in order. ``known`` are the region codes of the draft that exist.

    Raises Refusals, one for each wrong field.
    """
    cleaned = replace(
        draft,
        name=clean(draft.name),
        contact=clean(draft.contact),
        phone=clean(draft.phone),
        street=clean(draft.street),
        regions=tuple(sorted(set(draft.regions))),
    )
    problems = [it for it in _warehouse_problems(cleaned, known) if it]
    if problems:
        raise Refusals(problems)
    return cleaned


def _warehouse_problems(it: Warehouse, known: frozenset[int]) -> Iterator[Refusal]:
    if not 1 <= len(it.name) <= WAREHOUSE_NAME_MAX:
        yield WarehouseNameMissing(field="name", limit=WAREHOUSE_NAME_MAX)
    for field, text, limit in (
        ("contact", it.contact, CONTACT_MAX),
        ("phone", it.phone, PHONE_MAX),
        ("street", it.street, STREET_MAX),
    ):
        if len(text) > limit:
            yield TextTooLong(field=field, limit=limit)
    if not 1 <= it.priority <= PRIORITY_MAX:
        yield PriorityInvalid(field="priority", limit=PRIORITY_MAX)
    if it.region_code is not None and it.region_code not in known:
        yield RegionUnknown(field="region_code")
    if len(it.regions) > REGIONS_MAX or not known.issuperset(it.regions):
        yield RegionUnknown(field="regions")
    if it.only_there and not it.regions:
        yield RegionsMissing(field="regions")
    if it.is_default and it.is_closed:
        yield DefaultStaysOpen(field="is_closed")


def shelf_name(text: str) -> str:
    """Where a SKU lies, as typed; raises TextTooLong."""
    cleaned = clean(text)
    if len(cleaned) > LOCATION_MAX:
        raise TextTooLong(field="location", limit=LOCATION_MAX)
    return cleaned


def _added(before: Quantities, kind: MoveKind, quantity: int) -> Quantities:
    on_hand, held, sold, lost, received = (sign * quantity for sign in EFFECTS[kind])
    return Quantities(
        on_hand=before.on_hand + on_hand,
        held=before.held + held,
        sold=before.sold + sold,
        lost=before.lost + lost,
        received=before.received + received,
    )
