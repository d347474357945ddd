"""What a label needs and says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jishi.flows.ship_orders.types import LineShipped, Shipment
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, OrderId, ShopId, WarehouseId
from jishi.modules.fulfilment import (
    LabelNothingLeft,
    LabelNotMade,
    LabelOfCancelled,
    LabelOfRefunded,
    LabelOfUnpaid,
    Party,
    SenderMissing,
    Waybill,
    WaybillAsk,
    WaybillState,
)
from jishi.modules.orders import OrderState

LABELS_MAX = 200  # of one file
TO_SHIP = frozenset({OrderState.TO_SHIP, OrderState.PART_SHIPPED})
PRINTABLE = TO_SHIP | {OrderState.SHIPPED}  # a torn label may be printed anew
REFUSED: Mapping[OrderState, type[Refusal]] = {
    OrderState.CANCELLED: LabelOfCancelled,
    OrderState.REFUNDED: LabelOfRefunded,
    OrderState.UNPAID: LabelOfUnpaid,
}
HELD = frozenset({WaybillState.MADE, WaybillState.USED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSource:
    """What one order takes from one warehouse; ``warehouse_id`` None: nothing is left to send."""

    order_id: OrderId
    state: OrderState
    warehouse_id: WarehouseId | None
    warehouse: str
    contact: str
    phone: str
    sender_regions: tuple[str, ...]
    street: str
    address: Mapping[str, Any]
    note: str
    ship_by: datetime | None
    pieces: int
    weight_grams: int
    goods: str
    left: tuple[tuple[int, int], ...]  # line number, pieces

    @property
    def sender(self) -> Party:
        return Party(
            name=self.contact, phone=self.phone, regions=self.sender_regions, street=self.street
        )

    @property
    def receiver(self) -> Party:
        it = self.address
        abroad = [
            it.get("city", ""),
            it.get("state", ""),
            it.get("postcode", ""),
            it.get("country", ""),
        ]
        regions = it.get("regions") or [part for part in abroad if part]
        return Party(
            name=it.get("receiver", ""),
            phone=it.get("phone", ""),
            regions=tuple(regions),
            street=it.get("detail", ""),
        )


def check_source(source: LabelSource) -> Refusal | None:
    """Why an order gets no label, by its state, or SenderMissing; None when it does."""
    if source.state not in TO_SHIP or source.warehouse_id is None:
        return REFUSED.get(source.state, LabelNothingLeft)(order=source.order_id)
    if not (source.phone and source.street and source.sender_regions):
        return SenderMissing(warehouse=source.warehouse)
    return None


def check_print(
    waybill: Waybill, state: OrderState | None, *, has_goods: bool = True
) -> Refusal | None:
    """Why a label is not printed: the order was cancelled, refunded or ended; no number yet."""
    if state not in PRINTABLE:
        refused = REFUSED.get(state, LabelNothingLeft) if state else LabelOfCancelled
        return refused(order=waybill.order_id)
    if not has_goods:
        return LabelNothingLeft(order=waybill.order_id)
    if waybill.state not in HELD:
        return LabelNotMade(order=waybill.order_id)
    return None


def ask_of(waybill: Waybill, source: LabelSource) -> WaybillAsk:
    return WaybillAsk(
        id=waybill.id,
        carrier=waybill.carrier,
        sender=source.sender,
        receiver=source.receiver,
        pieces=waybill.pieces,
        weight_grams=source.weight_grams,
    )


def shipments(
    waybills: Sequence[Waybill],
    sources: Sequence[LabelSource],
    *,
    shop_id: ShopId,
    actor_id: AccountId,
    at: datetime,
) -> list[list[Shipment]]:
    """Parcels that leave under labels, in rounds: an order stands once in each.

    A label takes what its warehouse has of the order. The caller has checked that the labels are made.
    """
    by_order: dict[OrderId, list[LabelSource]] = {}
    for source in sources:
        by_order.setdefault(source.order_id, []).append(source)
    rounds: list[list[Shipment]] = []
    for waybill in waybills:
        mine = next(
            (
                s
                for s in by_order.get(waybill.order_id, ())
                if s.warehouse_id == waybill.warehouse_id
            ),
            None,
        )
        shipment = Shipment(
            order_id=waybill.order_id,
            shop_id=shop_id,
            carrier=waybill.carrier,
            waybill=waybill.number or "",
            actor_id=actor_id,
            at=at,
            lines=_lines(mine, by_order.get(waybill.order_id, [])),
        )
        for batch in rounds:
            if all(each.order_id != waybill.order_id for each in batch):
                batch.append(shipment)
                break
        else:
            rounds.append([shipment])
    return rounds


def _lines(mine: LabelSource | None, all_of_order: Sequence[LabelSource]) -> list[LineShipped]:
    """Empty when the whole rest leaves from one warehouse."""
    if mine is None or len(all_of_order) == 1:
        return []
    return [LineShipped(line=line, quantity=left) for line, left in mine.left]
