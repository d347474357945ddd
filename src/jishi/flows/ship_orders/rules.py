"""What a shipment may do. Pure; ``ship_orders.sql`` repeats ``judge`` under lock."""

from collections.abc import Mapping, Sequence

from jishi.flows.ship_orders.types import (
    CarrierMissing,
    LineShipped,
    OrderMoved,
    OrderTwice,
    OrderUnknown,
    Shipment,
    ShipVerdict,
    TooManyPieces,
    WaybillInvalid,
)
from jishi.kit.errors import Refusal
from jishi.modules.fulfilment import is_waybill
from jishi.modules.orders import OrderState

SHIPPABLE = frozenset({OrderState.TO_SHIP, OrderState.PART_SHIPPED})
SHIPMENTS_MAX = 500  # of one request
LINE_NUMBER_MAX = 32_767  # sale_order_line.line
PIECES_MAX = 9_999  # of one line; sale_order_line_quantity repeats it

REFUSALS: Mapping[ShipVerdict, type[Refusal]] = {
    ShipVerdict.UNKNOWN: OrderUnknown,
    ShipVerdict.WRONG_STATE: OrderMoved,
    ShipVerdict.TOO_MANY: TooManyPieces,
}


def check(shipments: Sequence[Shipment]) -> list[Refusal | None]:
    """What can be refused without looking anything up; one answer per shipment, same order."""
    seen: set[int] = set()
    answers: list[Refusal | None] = []
    for at, shipment in enumerate(shipments):
        place = f"shipments[{at}]"
        if shipment.order_id in seen:
            answers.append(OrderTwice(field=f"{place}.order_id", order_id=shipment.order_id))
        elif not (shipment.carrier and shipment.carrier.isprintable()):
            answers.append(CarrierMissing(field=f"{place}.carrier", order_id=shipment.order_id))
        elif not is_waybill(shipment.waybill):
            answers.append(WaybillInvalid(field=f"{place}.waybill", order_id=shipment.order_id))
        elif not all(_makes_sense(part) for part in shipment.lines):
            answers.append(TooManyPieces(field=f"{place}.lines", order_id=shipment.order_id))
        else:
            answers.append(None)
        seen.add(shipment.order_id)
    return answers


def _makes_sense(part: LineShipped) -> bool:
    return 1 <= part.line <= LINE_NUMBER_MAX and 1 <= part.quantity <= PIECES_MAX


def judge(
    *, state: OrderState | None, left: Mapping[int, int], asked: Sequence[LineShipped]
) -> ShipVerdict:
    """The verdict on one shipment; ``left`` is what each line of the order still has to ship."""
    if state is None:
        return ShipVerdict.UNKNOWN
    if state not in SHIPPABLE:
        return ShipVerdict.WRONG_STATE
    if not asked:
        return ShipVerdict.SHIPPED
    wanted: dict[int, int] = {}
    for each in asked:
        wanted[each.line] = wanted.get(each.line, 0) + each.quantity
    if any(pieces < 1 or pieces > left.get(line, 0) for line, pieces in wanted.items()):
        return ShipVerdict.TOO_MANY
    if any(pieces > wanted.get(line, 0) for line, pieces in left.items()):
        return ShipVerdict.PART_SHIPPED
    return ShipVerdict.SHIPPED
