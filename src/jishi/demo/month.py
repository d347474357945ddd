"""Writes the planned month through the functions live orders pass through. Inside one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import Final

from jishi.db import Tx
from jishi.demo.history import Pick, Story
from jishi.demo.past import PastIds
from jishi.demo.world import World
from jishi.flows.cancel_orders import Cancellation, CancelVerdict, cancel
from jishi.flows.cancel_orders.flow import close_payments
from jishi.flows.complete_orders import CompleteVerdict, Completion, complete
from jishi.flows.place_orders import CheckoutAsked, LineAsked
from jishi.flows.place_orders import rules as placing
from jishi.flows.place_orders.flow import Terms, write
from jishi.flows.place_orders.storage import sku_facts
from jishi.flows.place_orders.types import PlannedCheckout, PlannedOrder, Refused, SkuFacts
from jishi.flows.refund_orders import RefundAsked, RefundOrderVerdict, end_refunds, refund
from jishi.flows.ship_orders import LineShipped, Shipment, ShipVerdict, ship
from jishi.flows.take_payment import PartPaid, PayVerdict, pay_orders, record
from jishi.kit.ids import (
    CheckoutId,
    IdMaker,
    OrderId,
    PaymentId,
    RefundId,
    SkuId,
    cell_of,
)
from jishi.modules.payments import CallbackNews, NewsKind, NewsVerdict, RefundVerdict
from jishi.modules.places import snapshots
from jishi.modules.places.types import Snapshot

BATCH: Final = 120  # checkouts written together


@dataclass(frozen=True, slots=True)
class Written:
    """A story and the checkout it became."""

    story: Story
    plan: PlannedCheckout


@dataclass(frozen=True, slots=True)
class Returned:
    """Money that went back."""

    refund_id: RefundId
    payment_id: PaymentId
    amount_minor: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Who writes, with what. ``past`` makes ids at the story's time, ``maker`` those of now."""

    tx: Tx
    world: World
    past: PastIds
    maker: IdMaker
    terms: Terms
    confirm_after: timedelta


async def write_month(clerk: Clerk, stories: Sequence[Story]) -> list[Written]:
    """Place checkouts in order of time, then let each go on as planned; raises when one does not."""
    written: list[Written] = []
    for start in range(0, len(stories), BATCH):
        batch = await _place(clerk, stories[start : start + BATCH])
        await _lapse_or_cancel(clerk, batch)
        await _pay(clerk, batch)
        await _ship(clerk, batch)
        await _complete(clerk, batch)
        written += batch
    return written


async def refund_month(clerk: Clerk, written: Sequence[Written]) -> list[Returned]:
    """Refunds asked and confirmed by the provider at the story's time."""
    asked = [
        (it, order, _refund_asked(clerk, it, order, at))
        for it in written
        if (at := it.story.refunded_at)
        for order in it.plan.orders
    ]
    if not asked:
        return []
    answers = await refund(clerk.tx, [wish for _, _, wish in asked], clerk.maker)
    _expect([verdict for verdict, _ in answers], RefundOrderVerdict.REFUNDED)
    returned = [
        Returned(refund_id, it.plan.payment_id, order.amount_minor, wish.at)
        for (it, order, wish), (_, refund_id) in zip(asked, answers, strict=True)
    ]
    await confirm_refunds(clerk, returned)
    return returned


async def confirm_refunds(clerk: Clerk, returned: Sequence[Returned]) -> None:
    """The provider says that this money went back."""
    news = [
        _news(clerk, it.payment_id, it.amount_minor, it.at, NewsKind.REFUNDED, it.refund_id)
        for it in returned
    ]
    _expect(await end_refunds(clerk.tx, news), RefundVerdict.CONFIRMED)


async def _place(clerk: Clerk, stories: Sequence[Story]) -> list[Written]:
    sku_ids = {_sku(clerk.world, pick) for story in stories for pick in story.picks}
    facts = await sku_facts(clerk.tx, sorted(sku_ids), fee_bp=clerk.terms.fee_bp)
    asked = [_asked(clerk.world, story, facts) for story in stories]
    homes = await snapshots(clerk.tx, [(each.buyer_id, each.address_id) for each in asked])
    plans = [
        _planned(clerk, each, facts, home) for each, home in zip(asked, homes, strict=True) if home
    ]
    refused = next((each for each in await write(clerk.tx, plans) if each), None)
    assert refused is None, f"not placed: {refused}"
    return [Written(story, plan) for story, plan in zip(stories, plans, strict=True)]


def _sku(world: World, pick: Pick) -> SkuId:
    return world.skus[pick.shop, pick.good, pick.piece]


def _asked(world: World, story: Story, facts: Mapping[SkuId, SkuFacts]) -> CheckoutAsked:
    """As the buyer's browser would ask, at the price goods have at this point of the history."""
    homes = world.addresses[story.buyer]
    elsewhere = story.number % 4 == 0
    key = f"demo:{story.number}"
    skus = [(_sku(world, pick), pick.quantity) for pick in story.picks]
    return CheckoutAsked(
        buyer_id=world.buyers[story.buyer],
        key=key,
        request_hash=blake2s(key.encode()).digest(),
        address_id=homes[story.number % len(homes) if elsewhere else 0],
        lines=[
            LineAsked(sku_id=sku, quantity=quantity, price_minor=facts[sku].price_minor)
            for sku, quantity in skus
        ],
        notes={world.shops[pick.shop]: story.note for pick in story.picks},
        now=story.placed_at,
    )


def _planned(
    clerk: Clerk, asked: CheckoutAsked, facts: Mapping[SkuId, SkuFacts], home: Snapshot
) -> PlannedCheckout:
    clerk.past.at = asked.now
    make, cell = clerk.past.maker.make, cell_of(asked.buyer_id)
    orders = placing.plan_orders(
        asked, facts, order_id=lambda shop_id: OrderId(make(cell_of(shop_id)))
    )
    assert not isinstance(orders, Refused), f"not placed: {orders.refusals}"
    return PlannedCheckout(
        id=CheckoutId(make(cell)),
        buyer_id=asked.buyer_id,
        payment_id=PaymentId(make(cell)),
        key=asked.key,
        request_hash=asked.request_hash,
        address=home,
        channel=asked.channel,
        provider=clerk.terms.provider,
        currency=clerk.terms.currency,
        placed_at=asked.now,
        expires_at=asked.now + clerk.terms.unpaid_for,
        orders=orders,
    )


async def _lapse_or_cancel(clerk: Clerk, batch: Sequence[Written]) -> None:
    wishes = [
        Cancellation(
            order_id=order.id,
            actor="clock" if it.story.lapsed_at else "buyer",
            at=at,
            why="lapsed" if it.story.lapsed_at else "buyer_cancelled",
            buyer_id=it.plan.buyer_id,
            actor_id=None if it.story.lapsed_at else it.plan.buyer_id,
        )
        for it in batch
        if (at := it.story.lapsed_at or it.story.cancelled_at)
        for order in it.plan.orders
    ]
    if wishes:
        _expect(await cancel(clerk.tx, wishes), CancelVerdict.CANCELLED)
        ended = [it for it in batch if it.story.lapsed_at or it.story.cancelled_at]
        await close_payments(clerk.tx, [it.plan.payment_id for it in ended])


async def _pay(clerk: Clerk, batch: Sequence[Written]) -> None:
    paid = [(it, it.story.paid_at) for it in batch if it.story.paid_at]
    if not paid:
        return
    news = [
        _news(clerk, it.plan.payment_id, it.plan.amount_minor, at, NewsKind.PAID) for it, at in paid
    ]
    _expect(await record(clerk.tx, news), NewsVerdict.RECORDED)
    parts = [
        PartPaid(
            order_id=order.id,
            payment_id=it.plan.payment_id,
            amount_minor=order.amount_minor,
            provider=it.plan.provider,
            paid_at=at,
        )
        for it, at in paid
        for order in it.plan.orders
    ]
    verdicts = await pay_orders(clerk.tx, parts, clerk.maker)
    assert set(verdicts) <= {PayVerdict.PAID, PayVerdict.LATE_PAID}, verdicts


async def _ship(clerk: Clerk, batch: Sequence[Written]) -> None:
    owner_of = {clerk.world.shops[at]: clerk.world.owners[at] for at in clerk.world.shops}
    shipments = [
        Shipment(
            order_id=order.id,
            shop_id=order.shop_id,
            carrier=it.story.carrier,
            waybill=f"{it.story.waybill[:-1]}{nth}",
            actor_id=owner_of[order.shop_id],
            at=at,
            lines=_first_lines(order) if it.story.is_part else (),
        )
        for it in batch
        if (at := it.story.shipped_at)
        for nth, order in enumerate(it.plan.orders)
    ]
    if shipments:
        verdicts = await ship(clerk.tx, shipments, clerk.maker, confirm_after=clerk.confirm_after)
        wrong = [it for it in verdicts if it not in (ShipVerdict.SHIPPED, ShipVerdict.PART_SHIPPED)]
        assert not wrong, f"not shipped: {wrong[0]}"


def _first_lines(order: PlannedOrder) -> Sequence[LineShipped]:
    """All but the last line; an order of one line leaves whole."""
    return [LineShipped(line=line.line, quantity=line.quantity) for line in order.lines[:-1]]


async def _complete(clerk: Clerk, batch: Sequence[Written]) -> None:
    completions = [
        Completion(order_id=order.id, buyer_id=None, at=at, actor="clock", why="due")
        if it.story.confirmed_by_clock
        else Completion(order_id=order.id, buyer_id=it.plan.buyer_id, at=at)
        for it in batch
        if (at := it.story.completed_at)
        for order in it.plan.orders
    ]
    if completions:
        _expect(await complete(clerk.tx, completions), CompleteVerdict.COMPLETED)


def _refund_asked(clerk: Clerk, it: Written, order: PlannedOrder, at: datetime) -> RefundAsked:
    if it.story.refunded_by_shop:
        number = next(n for n, shop in clerk.world.shops.items() if shop == order.shop_id)
        return RefundAsked(
            order_id=order.id,
            actor="shop",
            at=at,
            why="shop_refunded",
            shop_id=order.shop_id,
            actor_id=clerk.world.owners[number],
        )
    return RefundAsked(
        order_id=order.id,
        actor="buyer",
        at=at,
        why="buyer_refunded",
        buyer_id=it.plan.buyer_id,
        actor_id=it.plan.buyer_id,
    )


def _news(
    clerk: Clerk,
    payment_id: PaymentId,
    amount_minor: int,
    at: datetime,
    kind: NewsKind,
    refund_id: RefundId | None = None,
) -> CallbackNews:
    return CallbackNews(
        provider=clerk.terms.provider,
        event_id=f"demo:{refund_id or payment_id}",
        kind=kind,
        payment_id=payment_id,
        refund_id=refund_id,
        amount_minor=amount_minor,
        currency=clerk.terms.currency,
        provider_ref=trade_no(refund_id or payment_id),
        occurred_at=at,
    )


def trade_no(number: int) -> str:
    """The provider's number for a payment or refund of the month; its book says the same."""
    return f"SBDEMO{number}"


def _expect(verdicts: Iterable[object], wanted: object) -> None:
    """History has happened: anything but the planned verdict is a broken assumption."""
    others = [verdict for verdict in verdicts if verdict != wanted]
    assert not others, f"expected {wanted}, got {others[0]} for {len(others)} items"
