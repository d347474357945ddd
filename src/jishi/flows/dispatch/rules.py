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
from jishi.flows.ship_orders.types import (
    CarrierMissing,
    LineShipped,
    Shipment,
    ShipVerdict,
    WaybillInvalid,
)
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, ShopId
from jishi.modules.fulfilment import CheckedRow, RowFault, clean_waybill, find_carrier, is_waybill
from jishi.modules.orders import OrderState

PIECES_DIGITS = 4
SHIPPABLE = frozenset({OrderState.TO_SHIP, OrderState.PART_SHIPPED})


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


def shipment(
    entry: Entry,
    *,
    shop_id: ShopId,
    actor_id: AccountId,
    at: datetime,
    lines: Sequence[LineShipped] = (),
) -> Shipment:
    """Raises CarrierMissing, CarrierUnknown (field ``carrier``), WaybillInvalid (field ``waybill``)."""
    carrier = find_carrier(entry.carrier) if entry.carrier.strip() else None
    if carrier is None:
        raise (CarrierUnknown if entry.carrier.strip() else CarrierMissing)(field="carrier")
    waybill = clean_waybill(entry.waybill)
    if not is_waybill(waybill):
        raise WaybillInvalid(field="waybill")
    return Shipment(
        order_id=entry.order_id,
        shop_id=shop_id,
        carrier=carrier.code,
        waybill=waybill,
        actor_id=actor_id,
        at=at,
        lines=lines,
    )


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
