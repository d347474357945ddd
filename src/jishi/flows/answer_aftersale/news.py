"""Whom a move of a case is told, and as what. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from jishi.kit.ids import AccountId, ShopId
from jishi.modules.aftersale.rules import REFUNDED_WHOLE
from jishi.modules.notices import Told

CLOSED: Final = "aftersale.closed"
WORTH_TELLING: Final = timedelta(days=7)


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


# topic → is the buyer told, is the shop told
_TOLD: Final[Mapping[str, tuple[bool, bool]]] = {
    "aftersale.asked": (False, True),
    "aftersale.offered": (True, False),
    "aftersale.agreed": (True, False),
    "aftersale.refused": (True, False),
    "aftersale.returned": (False, True),
    "aftersale.received": (True, False),
    "aftersale.sent": (True, False),
    "aftersale.escalated": (True, True),
    "aftersale.ruled": (True, True),
    "aftersale.appealed": (True, True),
    CLOSED: (True, True),
}
TOPICS: Final = frozenset(_TOLD)


def told_by(events: Sequence[Happened], *, now: datetime) -> list[Told]:
    """The messages of some events. What is older than a week is no news."""
    fresh = [event for event in events if now - event.occurred_at < WORTH_TELLING]
    return [told for event in fresh for told in _told(event)]


def _told(event: Happened) -> list[Told]:
    to_buyer, to_shop = _TOLD.get(event.topic, (False, False))
    kind = _end(event.payload) if event.topic == CLOSED else event.topic
    facts = {
        "case_id": str(event.subject_id),
        "shop_id": event.payload["shop_id"],
        "amount_minor": event.payload["amount_minor"],
    }
    made = []
    if to_buyer:
        buyer_id = AccountId(int(event.payload["buyer_id"]))
        made.append(_one(kind, event, facts, account_id=buyer_id))
    if to_shop:
        shop_id = ShopId(int(event.payload["shop_id"]))
        made.append(_one(f"shop.{kind}", event, facts, shop_id=shop_id))
    return made


def _end(payload: Mapping[str, Any]) -> str:
    """What an end is told as: with money, without, or with the whole order's."""
    if payload["why"] == REFUNDED_WHOLE:
        return f"aftersale.{REFUNDED_WHOLE}"
    return CLOSED if payload["amount_minor"] else "aftersale.ended"


def _one(kind: str, event: Happened, facts: dict[str, Any], **whose: Any) -> Told:
    return Told(kind=kind, subject_id=event.subject_id, facts=facts, at=event.occurred_at, **whose)
