"""What a label needs and says. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jishi.flows.ship_orders.rules import SHIPPABLE
from jishi.flows.ship_orders.types import LineShipped, Shipment
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, OrderId, WarehouseId
from jishi.modules.fulfilment import (
    LabelNothingLeft,
    LabelNotMade,
    LabelOfCancelled,
    LabelOfRefunded,
    LabelOfUnpaid,
    LabelUsed,
    LabelWhileAsking,
    Party,
    SenderMissing,
    Waybill,
    WaybillAsk,
    WaybillState,
)
from jishi.modules.orders import OrderState

LABELS_MAX = 200  # of one file
PRINTABLE = SHIPPABLE | {OrderState.SHIPPED}  # a torn label may be printed anew
REFUSED: Mapping[OrderState, type[Refusal]] = {
    OrderState.CANCELLED: LabelOfCancelled,
    OrderState.REFUNDED: LabelOfRefunded,
    OrderState.UNPAID: LabelOfUnpaid,
}
HELD = frozenset({WaybillState.MADE, WaybillState.USED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSource:
    """What one order takes from one warehouse; ``warehouse_id`` None: nothing is left to send.

    ``is_asked``: the buyer wants money back before it is sent, and the shop has not answered.
    """

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
    is_asked: bool

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
    """Why an order gets no label: its state, its buyer's wish, SenderMissing; None when it does."""
    if source.state not in SHIPPABLE or source.warehouse_id is None:
        return REFUSED.get(source.state, LabelNothingLeft)(order=source.order_id)
    if source.is_asked:
        return LabelWhileAsking(order=source.order_id)
    if not (source.phone and source.street and source.sender_regions):
        return SenderMissing(warehouse=source.warehouse)
    return None


def by_order(sources: Iterable[LabelSource]) -> Mapping[OrderId, Sequence[LabelSource]]:
    found: dict[OrderId, list[LabelSource]] = {}
    for source in sources:
        found.setdefault(source.order_id, []).append(source)
    return found


def source_of(waybill: Waybill, of_order: Sequence[LabelSource]) -> LabelSource | None:
    """What a label's warehouse sends of its order; None: nothing."""
    return next((it for it in of_order if it.warehouse_id == waybill.warehouse_id), None)


def check_print(waybill: Waybill, of_order: Sequence[LabelSource]) -> Refusal | None:
    """Why a label is not printed: the order was cancelled, refunded or ended; no number; no goods.

    ``of_order``: what is left of its order; of a used label, all of it.
    """
    state = of_order[0].state if of_order else OrderState.CANCELLED
    if state not in PRINTABLE:
        return REFUSED.get(state, LabelNothingLeft)(order=waybill.order_id)
    if waybill.state not in HELD:
        return LabelNotMade(order=waybill.order_id)
    if source_of(waybill, of_order) is None:
        return LabelNothingLeft(order=waybill.order_id)
    return None


def check_leave(waybill: Waybill, of_order: Sequence[LabelSource]) -> Refusal | None:
    """Why a parcel does not leave under its label; ``of_order``: what is left of its order."""
    if waybill.state is WaybillState.USED:
        return LabelUsed(order=waybill.order_id)
    problem = check_print(waybill, of_order)
    if problem is None and any(it.is_asked for it in of_order):
        return LabelWhileAsking(order=waybill.order_id)
    return problem


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
    sources: Mapping[OrderId, Sequence[LabelSource]],
    *,
    actor_id: AccountId,
    at: datetime,
) -> list[list[Shipment]]:
    """Parcels that leave under labels, in rounds: an order stands once in each.

    A label takes what its warehouse has of the order. The caller has checked that they may leave.
    """
    rounds: list[list[Shipment]] = []
    nth: Counter[OrderId] = Counter()
    for waybill in waybills:
        shipment = Shipment(
            order_id=waybill.order_id,
            shop_id=waybill.shop_id,
            carrier=waybill.carrier,
            waybill=waybill.number or "",
            actor_id=actor_id,
            at=at,
            lines=_lines(waybill, sources[waybill.order_id]),
        )
        if nth[waybill.order_id] == len(rounds):
            rounds.append([])
        rounds[nth[waybill.order_id]].append(shipment)
        nth[waybill.order_id] += 1
    return rounds


def _lines(waybill: Waybill, of_order: Sequence[LabelSource]) -> list[LineShipped]:
    """Empty when the whole rest leaves from one warehouse."""
    mine = source_of(waybill, of_order)
    if mine is None or len(of_order) == 1:
        return []
    return [LineShipped(line=line, quantity=left) for line, left in mine.left]
