"""Orders agreed elsewhere, through the functions live orders pass through, at their own dates.

Everything or nothing: a step that is not taken as planned raises, since history has happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jishi.db import Tx
from jishi.flows.complete_orders import CompleteVerdict, Completion, complete
from jishi.flows.place_orders.types import PlannedCheckout
from jishi.flows.refund_orders import RefundAsked, RefundOrderVerdict, end_refunds, refund
from jishi.flows.ship_orders import Shipment, ShipVerdict, ship
from jishi.flows.take_payment import PartPaid, PayVerdict, pay_orders, record
from jishi.kit.ids import IdMaker, OrderId, PaymentId, RefundId, ShopId
from jishi.modules.payments import CallbackNews, NewsKind, NewsVerdict, RefundVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What of the market's settings an imported order needs. ``now``: when the import runs."""

    run_id: int
    currency: str
    fee_bp: int
    confirm_after: timedelta
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A planned checkout and what it is called where it comes from."""

    plan: PlannedCheckout
    source: str
    external_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An order that left; ``waybill`` as the other side knew it."""

    order_id: OrderId
    shop_id: ShopId
    waybill: str
    at: datetime


async def pay(tx: Tx, paid: Sequence[Past], maker: IdMaker, terms: Terms) -> None:
    """Record each checkout's payment and let its orders have the money."""
    if not paid:
        return
    news = [
        CallbackNews(
            provider=it.plan.provider,
            event_id=f"{it.source}:{it.external_id}",
            kind=NewsKind.PAID,
            payment_id=it.plan.payment_id,
            refund_id=None,
            amount_minor=it.plan.amount_minor,
            currency=None,
            provider_ref=it.external_id,
            occurred_at=it.at,
        )
        for it in paid
    ]
    expect(await record(tx, news), NewsVerdict.RECORDED)
    parts = [
        PartPaid(
            order_id=order.id,
            payment_id=it.plan.payment_id,
            amount_minor=order.buyer_minor,
            provider=it.plan.provider,
            paid_at=it.at,
        )
        for it in paid
        for order in it.plan.orders
    ]
    expect(await pay_orders(tx, parts, maker, clock_from=terms.now), PayVerdict.PAID)


async def send(
    tx: Tx, parcels: Sequence[Sent], maker: IdMaker, terms: Terms, *, carrier: str
) -> None:
    """Ship each order whole."""
    shipments = [
        Shipment(
            order_id=it.order_id,
            shop_id=it.shop_id,
            carrier=carrier,
            waybill=it.waybill,
            actor_id=None,
            at=it.at,
            actor="import",
        )
        for it in parcels
    ]
    if shipments:
        after = terms.confirm_after
        verdicts = await ship(tx, shipments, maker, confirm_after=after, clock_from=terms.now)
        expect(verdicts, ShipVerdict.SHIPPED)


async def settle(tx: Tx, delivered: Sequence[tuple[OrderId, datetime]]) -> None:
    """Complete orders at the times they were delivered."""
    completions = [
        Completion(order_id=order_id, buyer_id=None, at=at, actor="import", why="delivered")
        for order_id, at in delivered
    ]
    if completions:
        expect(await complete(tx, completions), CompleteVerdict.COMPLETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """A refund that was paid long ago: asked and confirmed at once. ``event_id`` is unique."""

    wish: RefundAsked
    payment_id: PaymentId
    provider: str
    event_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBack:
    """A refund the provider confirmed long ago. ``event_id`` is unique."""

    refund_id: RefundId
    payment_id: PaymentId
    provider: str
    event_id: str
    amount_minor: int
    at: datetime


async def give_back(tx: Tx, refunds: Sequence[GivenBack], maker: IdMaker) -> None:
    """Refund, each order once a call, and take the provider's word for it."""
    if not refunds:
        return
    answers = await refund(tx, [it.wish for it in refunds], maker)
    expect([verdict for verdict, _ in answers], RefundOrderVerdict.REFUNDED)
    confirmed = [
        PaidBack(
            refund_id=refund_id,
            payment_id=it.payment_id,
            provider=it.provider,
            event_id=it.event_id,
            amount_minor=it.amount_minor,
            at=it.wish.at,
        )
        for it, (_, refund_id) in zip(refunds, answers, strict=True)
    ]
    await paid_back(tx, confirmed)


async def paid_back(tx: Tx, refunds: Sequence[PaidBack]) -> None:
    """The money has left, as the provider said then."""
    news = [
        CallbackNews(
            provider=it.provider,
            event_id=it.event_id,
            kind=NewsKind.REFUNDED,
            payment_id=it.payment_id,
            refund_id=it.refund_id,
            amount_minor=it.amount_minor,
            currency=None,
            provider_ref=it.event_id,
            occurred_at=it.at,
        )
        for it in refunds
    ]
    expect(await end_refunds(tx, news), RefundVerdict.CONFIRMED)


def expect(verdicts: Iterable[object], wanted: object) -> None:
    """Anything but the planned verdict is a broken assumption."""
    others = [verdict for verdict in verdicts if verdict != wanted]
    assert not others, f"expected {wanted}, got {others[0]} for {len(others)} items"
