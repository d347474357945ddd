"""What the shipping forms mean. Pure: typed text in, shipments or refusals out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from jishi.flows.dispatch.types import (
    CarrierUnknown,
    Entry,
    NoPieces,
    OrderToShip,
    PiecesInvalid,
)
from jishi.flows.ship_orders.rules import SHIPPABLE
from jishi.flows.ship_orders.types import (
    CarrierMissing,
    LineShipped,
    Shipment,
    ShipVerdict,
    WaybillInvalid,
)
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, OrderId, ShopId
from jishi.modules.fulfilment import CheckedRow, RowFault, clean_waybill, find_carrier, is_waybill
from jishi.modules.orders import OrderState

PIECES_DIGITS = 4
DOOR = ("receiver", "phone", "country", "regions", "city", "state", "detail")  # of an address


def parts_of(entry: Entry, order: OrderToShip) -> tuple[LineShipped, ...]:
    """The lines of a partial parcel; empty when everything that is left goes.

    Raises PiecesInvalid (field ``q_<line>``), NoPieces.
    """
    if not entry.parts:
        return ()
    wanted = {
        line.line: _pieces(entry.parts.get(line.line, "0"), line.left, line.line)
        for line in order.lines
    }
    if not any(wanted.values()):
        raise NoPieces(field="")
    if all(wanted[line.line] == line.left for line in order.lines):
        return ()
    return tuple(
        LineShipped(line=line, quantity=pieces) for line, pieces in wanted.items() if pieces
    )


def _pieces(text: str, left: int, line: int) -> int:
    plain = text.strip() or "0"
    if (
        not (plain.isascii() and plain.isdigit() and len(plain) <= PIECES_DIGITS)
        or int(plain) > left
    ):
        raise PiecesInvalid(field=f"q_{line}", left=left)
    return int(plain)


def carrier_and_number(entry: Entry) -> tuple[str, str]:
    """The carrier's code and the waybill as carriers print it.

    Raises CarrierMissing, CarrierUnknown (field ``carrier``), WaybillInvalid (field ``waybill``).
    """
    carrier = find_carrier(entry.carrier) if entry.carrier.strip() else None
    if carrier is None:
        raise (CarrierUnknown if entry.carrier.strip() else CarrierMissing)(field="carrier")
    waybill = clean_waybill(entry.waybill)
    if not is_waybill(waybill):
        raise WaybillInvalid(field="waybill")
    return carrier.code, waybill


def shipment(
    entry: Entry,
    *,
    shop_id: ShopId,
    actor_id: AccountId,
    at: datetime,
    lines: Sequence[LineShipped] = (),
) -> Shipment:
    """Raises what ``carrier_and_number`` raises."""
    carrier, waybill = carrier_and_number(entry)
    return Shipment(
        order_id=entry.order_id,
        shop_id=shop_id,
        carrier=carrier,
        waybill=waybill,
        actor_id=actor_id,
        at=at,
        lines=lines,
    )


def same_receiver(orders: Sequence[OrderToShip]) -> dict[OrderId, int]:
    """Orders that go to one person at one door, by a number of their own from 1; the others are missing.

    They may share a box: several orders may leave under one waybill.
    """
    doors: dict[tuple[str, ...], list[OrderId]] = {}
    for order in orders:
        if order.is_to_ship:
            door = tuple(str(order.address.get(name, "")) for name in DOOR)
            doors.setdefault(door, []).append(order.id)
    shared = [ids for ids in doors.values() if len(ids) > 1]
    return {order_id: at for at, ids in enumerate(shared, start=1) for order_id in ids}


def judged(rows: Sequence[CheckedRow], states: Mapping[int, OrderState]) -> list[CheckedRow]:
    """Rows of a sheet once it is known which orders the shop has and where they stand."""
    return [_judged(row, states) for row in rows]


def _judged(row: CheckedRow, states: Mapping[int, OrderState]) -> CheckedRow:
    if row.fault is not None or row.order_id is None:
        return row
    state = states.get(row.order_id)
    if state in SHIPPABLE:
        return row
    fault = RowFault.ORDER_UNKNOWN if state is None else RowFault.NOT_TO_SHIP
    return CheckedRow(
        row=row.row, order_id=row.order_id, carrier=row.carrier, waybill=row.waybill, fault=fault
    )


def parted(
    rows: Sequence[CheckedRow], answers: Sequence[ShipVerdict | Refusal]
) -> tuple[list[CheckedRow], list[tuple[CheckedRow, Refusal]]]:
    """Which rows were shipped, and which were not, with the reason; same order in each."""
    pairs = list(zip(rows, answers, strict=True))
    shipped = [row for row, answer in pairs if not isinstance(answer, Refusal)]
    return shipped, [(row, answer) for row, answer in pairs if isinstance(answer, Refusal)]
