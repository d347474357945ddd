"""Shopkeepers who ship what the town bought, and buyers who confirm that it came."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from jishi.demo.history import CARRIERS
from jishi.demo.town.caller import Caller
from jishi.demo.town.shopper import Person, refused

PACKING_SECONDS: Final = (2.0, 8.0)
TRAVEL_SECONDS: Final = (3.0, 12.0)
FORGET_SECONDS: Final = 600.0  # what has not become shippable by then was refunded or returned
SHIP_MAX: Final = 100  # in one bulk call


@dataclass(slots=True, kw_only=True)
class Parcel:
    order_id: str
    buyer: Person
    due_at: float
    until: float


@dataclass(slots=True, kw_only=True)
class Keeper:
    """One shop's owner, with the orders of the town that wait there."""

    caller: Caller
    random: Random
    person: Person
    shop_id: str
    waiting: dict[str, Parcel] = field(default_factory=dict)

    def expect(self, order_ids: Iterable[str], buyer: Person) -> None:
        """These orders may be shipped once they are packed; some belong to other shops."""
        now = time.monotonic()
        for order_id in order_ids:
            due_at = now + self.random.uniform(*PACKING_SECONDS)
            parcel = Parcel(
                order_id=order_id, buyer=buyer, due_at=due_at, until=now + FORGET_SECONDS
            )
            self.waiting[order_id] = parcel

    async def ship(self) -> list[Parcel]:
        """Ship in bulk what is packed and paid; the parcels that left."""
        now = time.monotonic()
        packed = [it for it in self.waiting.values() if it.due_at <= now]
        if not packed or not await self.person.enter(self.caller):
            return []
        ready = await self._to_ship()
        leaving = [it for it in packed if it.order_id in ready][:SHIP_MAX]
        for late in [it for it in packed if it.until <= now and it.order_id not in ready]:
            del self.waiting[late.order_id]
        return await self._send(leaving) if leaving else []

    async def _to_ship(self) -> set[str]:
        path = f"/api/v1/shops/{self.shop_id}/orders?state=to_ship&limit=100"
        answer = await self.caller.ask("GET", path, token=self.person.token)
        if not answer.is_success:
            self.caller.tally.fail(f"GET {path}: {answer.status_code}")
            return set()
        return {str(item["id"]) for item in answer.json()["items"]}

    async def _send(self, leaving: Sequence[Parcel]) -> list[Parcel]:
        await self.caller.look(f"/merchant/{self.shop_id}/orders", self.person.token)
        carrier, head, digits = self.random.choice(CARRIERS)
        shipments = [
            {
                "order_id": parcel.order_id,
                "carrier": carrier,
                "waybill": head + "".join(self.random.choices("0123456789", k=digits)),
            }
            for parcel in leaving
        ]
        path = f"/api/v1/shops/{self.shop_id}/shipments"
        answer = await self.caller.ask(
            "POST", path, token=self.person.token, body={"shipments": shipments}
        )
        if not answer.is_success:
            refused(self.caller, answer, "ship", {"limited"})
            return []
        left = []
        for parcel, result in zip(leaving, answer.json()["results"], strict=True):
            if result["ok"]:
                left.append(self.waiting.pop(parcel.order_id))
                self.caller.tally.shipped.add(parcel.order_id)
            elif (
                result["code"] == "orders.moved"
            ):  # refunded meanwhile, or a cut-off call shipped it
                del self.waiting[parcel.order_id]
                self.caller.tally.refused[result["code"]] += 1
            else:
                self.caller.tally.fail(f"ship {parcel.order_id}: {result['code']}")
        return left


@dataclass(slots=True, kw_only=True)
class Postman:
    """Parcels on their way; their buyers confirm when they come."""

    caller: Caller
    random: Random
    under_way: list[Parcel] = field(default_factory=list)

    def take(self, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            parcel.due_at = time.monotonic() + self.random.uniform(*TRAVEL_SECONDS)
            self.under_way.append(parcel)

    async def deliver(self) -> None:
        """Everything that has arrived by now, one after another."""
        now = time.monotonic()
        arrived = [it for it in self.under_way if it.due_at <= now]
        self.under_way = [it for it in self.under_way if it.due_at > now]
        for parcel in arrived:
            path = f"/api/v1/orders/{parcel.order_id}/confirm"
            answer = await self.caller.ask("POST", path, token=parcel.buyer.token)
            if answer.is_success:
                self.caller.tally.confirmed.add(parcel.order_id)
            else:
                refused(self.caller, answer, "confirm", {"limited"})
