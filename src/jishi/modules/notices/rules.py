"""Which events are worth a message, to whom, and what it says. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from jishi.kit.ids import AccountId, ShopId
from jishi.modules.notices.types import WORTH_TELLING, Told


class Happened(Protocol):
    """What is heard of an event. Ids in ``payload`` are decimal strings."""

    @property
    def topic(self) -> str: ...
    @property
    def subject_id(self) -> int: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def occurred_at(self) -> datetime: ...


BUYER_FACTS: Final = ("order_id", "amount_minor", "carrier", "waybill")
_BUYER: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "orders.paid": lambda p: "order.paid_late" if p.get("late") else "order.paid",
    "orders.payment_returned": lambda _: "order.payment_returned",
    "orders.shipped": lambda p: "order.shipped" if p.get("whole", True) else "order.part_shipped",
    "orders.cancelled": lambda p: "order.lapsed" if p.get("why") == "lapsed" else "order.cancelled",
    "orders.refunded": lambda _: "order.refunded",
    "orders.completed": lambda _: "order.completed",
    "parcels.delivered": lambda _: "order.delivered",
    "parcels.returned": lambda _: "order.parcel_returned",
    "parcels.lost": lambda _: "order.parcel_lost",
    "compensations.paid": lambda _: "order.compensated",
    "reviews.answered": lambda _: "review.answered",
    "reviews.hidden": lambda _: "review.hidden",
    "reviews.shown_again": lambda _: "review.shown_again",
}
_Amount = Callable[[Mapping[str, Any]], int]
# what a shop hears, and the amount that adds up in it
_SHOP: Final[Mapping[str, tuple[str, _Amount]]] = {
    "orders.paid": ("shop.paid", lambda p: p["amount_minor"]),
    "orders.cancelled": ("shop.cancelled", lambda _: 0),
    "orders.refunded": ("shop.refunded", lambda p: p["amount_minor"]),
    "orders.completed": ("shop.completed", lambda p: p["settled_minor"] - p["fee_minor"]),
    "parcels.returned": ("shop.parcel_returned", lambda _: 0),
    "parcels.lost": ("shop.parcel_lost", lambda _: 0),
    "compensations.paid": ("shop.compensated", lambda p: p["amount_minor"]),
    "reviews.written": ("shop.reviewed", lambda _: 0),
}
TOPICS: Final = frozenset(_BUYER) | frozenset(_SHOP)


def told_by(events: Sequence[Happened], *, now: datetime) -> list[Told]:
    """The messages of some events: one to each buyer, and one to each shop, kind and hour.

    What is older than a week is no news.
    """
    fresh = [event for event in events if now - event.occurred_at < WORTH_TELLING]
    to_buyers = [_to_buyer(event) for event in fresh]
    return [it for it in to_buyers if it] + _to_shops(fresh)


def _to_buyer(event: Happened) -> Told | None:
    kind, payload = _BUYER.get(event.topic), event.payload
    buyer = payload.get("buyer_id") or payload.get("writer_id")
    if kind is None or buyer is None:
        return None
    facts = {name: payload[name] for name in BUYER_FACTS if name in payload}
    return Told(
        kind=kind(payload),
        account_id=AccountId(int(buyer)),
        subject_id=event.subject_id,
        facts={"order_id": str(event.subject_id), **facts},
        at=event.occurred_at,
    )


def _to_shops(events: Sequence[Happened]) -> list[Told]:
    gathered: dict[tuple[int, str, datetime], Told] = {}
    for event in events:
        told, shop = _SHOP.get(event.topic), event.payload.get("shop_id")
        if told is None or shop is None:
            continue
        kind, amount_of = told
        hour = event.occurred_at.replace(minute=0, second=0, microsecond=0)
        before = gathered.get((int(shop), kind, hour))
        amount = amount_of(event.payload)
        count = 1
        if before is not None:
            count += before.facts["count"]
            amount += before.facts["amount_minor"]
        gathered[int(shop), kind, hour] = Told(
            kind=kind,
            shop_id=ShopId(int(shop)),
            subject_id=int(shop),
            facts={"shop_id": shop, "count": count, "amount_minor": amount},
            bucket=hour,
            at=max(event.occurred_at, before.at) if before else event.occurred_at,
        )
    return [gathered[key] for key in sorted(gathered)]
