"""Olist orders through the functions live orders pass through, a batch in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s

from jishi.db import Tx
from jishi.flows.cancel_orders import Cancellation, CancelVerdict, cancel
from jishi.flows.cancel_orders.flow import close_payments
from jishi.flows.place_orders.flow import write
from jishi.flows.place_orders.storage import sku_facts
from jishi.flows.place_orders.types import PlannedCheckout, PlannedLine, PlannedOrder, SkuFacts
from jishi.flows.refund_orders import RefundAsked
from jishi.imports import past_orders, storage
from jishi.imports.history import Leftover, Line, Part, Story
from jishi.imports.olist import Customer
from jishi.imports.olist_world import World, display_name
from jishi.imports.past_orders import GivenBack, Past, Sent, Terms, expect
from jishi.imports.storage import ImportedOrder
from jishi.kit.ids import (
    CheckoutId,
    IdMaker,
    OrderId,
    PaymentId,
    ShopId,
    SkuId,
    WarehouseId,
    cell_of,
)
from jishi.modules.stock import Change, default_warehouses, receive

SOURCE = "olist"
PROVIDER = "olist"  # gateway:olist holds what Olist collected
CARRIER = "olist"
COUNTRY = "BR"


@dataclass(frozen=True, slots=True)
class Written:
    """A story with the checkout it was planned as."""

    story: Story
    plan: PlannedCheckout


async def take_in(
    tx: Tx, batch: Sequence[Story | Leftover], world: World, maker: IdMaker, terms: Terms
) -> None:
    """Write a batch of orders with all their steps, and record each in ``import_order``.

    Everything or nothing: a step that is not taken as planned raises.
    """
    stories = [it for it in batch if isinstance(it, Story)]
    written: list[Written] = []
    if stories:
        await _receive(tx, stories, world)
        facts = await _facts(tx, stories, world, terms)
        written = [Written(story, _plan(story, world, facts, maker, terms)) for story in stories]
        refusals = await write(tx, [it.plan for it in written])
        assert not any(refusals), f"not placed: {next(filter(None, refusals))}"
        await _pay(tx, written, maker, terms)
        await _ship(tx, written, maker, terms)
        await _complete(tx, written)
        await _refund(tx, written, maker)
        await _cancel(tx, written)
    await _record(tx, batch, written, world, terms)


async def _receive(tx: Tx, stories: Sequence[Story], world: World) -> None:
    """Goods come in just before the batch sells them, so no live sale can take them away."""
    shops = {world.shops[part.seller_id] for story in stories for part in story.parts}
    warehouses = await default_warehouses(tx, sorted(shops))
    demand: Counter[tuple[SkuId, WarehouseId]] = Counter()
    for part in (part for story in stories for part in story.parts):
        warehouse_id = warehouses[world.shops[part.seller_id]]
        for line in part.lines:
            sku_id = world.skus[line.product_id, part.seller_id]
            demand[sku_id, warehouse_id] += line.quantity
    changes = [
        Change(sku_id=sku_id, warehouse_id=warehouse_id, quantity=quantity, why="import")
        for (sku_id, warehouse_id), quantity in sorted(demand.items())
    ]
    await receive(tx, changes, now=min(story.placed_at for story in stories))


async def _facts(
    tx: Tx, stories: Sequence[Story], world: World, terms: Terms
) -> dict[tuple[str, str], SkuFacts]:
    """What orders write down of each SKU, by product and seller."""
    pairs = {
        (line.product_id, part.seller_id)
        for story in stories
        for part in story.parts
        for line in part.lines
    }
    facts = await sku_facts(tx, [world.skus[pair] for pair in pairs], fee_bp=terms.fee_bp)
    return {pair: facts[world.skus[pair]] for pair in pairs}


async def _pay(tx: Tx, written: Sequence[Written], maker: IdMaker, terms: Terms) -> None:
    paid = [
        Past(plan=it.plan, source=SOURCE, external_id=it.story.order.id, at=at)
        for it in written
        if (at := it.story.paid_at)
    ]
    await past_orders.pay(tx, paid, maker, terms)


async def _ship(tx: Tx, written: Sequence[Written], maker: IdMaker, terms: Terms) -> None:
    parcels = [
        Sent(order_id=order.id, shop_id=order.shop_id, waybill=_waybill(it, nth), at=at)
        for it in written
        if (at := it.story.shipped_at)
        for nth, order in enumerate(it.plan.orders, start=1)
    ]
    await past_orders.send(tx, parcels, maker, terms, carrier=CARRIER)


async def _complete(tx: Tx, written: Sequence[Written]) -> None:
    delivered = [
        (order.id, at)
        for it in written
        if (at := it.story.completed_at)
        for order in it.plan.orders
    ]
    await past_orders.settle(tx, delivered)


async def _refund(tx: Tx, written: Sequence[Written], maker: IdMaker) -> None:
    """Asked and confirmed at once: Olist gave the money back long ago."""
    asked = [
        (it, at, order)
        for it in written
        if (at := it.story.refunded_at)
        for order in it.plan.orders
    ]
    given = [
        GivenBack(
            wish=RefundAsked(order_id=order.id, actor="import", at=at, why=it.story.order.status),
            payment_id=it.plan.payment_id,
            provider=PROVIDER,
            event_id=f"{SOURCE}:{it.story.order.id}:refund:{nth}",
            amount_minor=order.buyer_minor,
        )
        for nth, (it, at, order) in enumerate(asked)
    ]
    await past_orders.give_back(tx, given, maker)


async def _cancel(tx: Tx, written: Sequence[Written]) -> None:
    ended = [(it, it.story.cancelled_at) for it in written if it.story.cancelled_at]
    if not ended:
        return
    wishes = [
        Cancellation(
            order_id=order.id,
            actor="clock" if it.story.cancelled_why == "lapsed" else "import",
            at=at,
            why=it.story.cancelled_why,
        )
        for it, at in ended
        for order in it.plan.orders
    ]
    expect(await cancel(tx, wishes), CancelVerdict.CANCELLED)
    await close_payments(tx, [it.plan.payment_id for it, _ in ended])


async def _record(
    tx: Tx,
    batch: Sequence[Story | Leftover],
    written: Sequence[Written],
    world: World,
    terms: Terms,
) -> None:
    plans = {it.story.order.id: it.plan for it in written}
    orders = [_recorded(it, plans.get(it.order.id), world) for it in batch]
    await storage.insert_orders(tx, SOURCE, orders, terms.run_id)
    payments = [
        (it.order.id, pay.position, pay.kind, pay.installments, pay.amount_minor)
        for it in batch
        for pay in it.order.payments
    ]
    await storage.insert_payments(tx, SOURCE, payments)
    leftovers = [
        (
            it.order.id,
            it.why,
            {"status": it.order.status, "payments_minor": it.order.payments_minor},
        )
        for it in batch
        if isinstance(it, Leftover)
    ]
    await storage.insert_leftovers(tx, "olist.order", leftovers, terms.run_id)


def _recorded(it: Story | Leftover, plan: PlannedCheckout | None, world: World) -> ImportedOrder:
    return ImportedOrder(
        external_id=it.order.id,
        buyer_id=world.persons[it.order.customer.person_id],
        status=it.order.status,
        purchased_at=it.order.purchased_at,
        checkout_id=plan.id if plan else None,
        order_ids=[order.id for order in plan.orders] if plan else [],
        payments_minor=it.order.payments_minor,
        booked_minor=it.booked_minor if isinstance(it, Story) else 0,
        oddities=sorted(it.oddities),
    )


def _plan(
    story: Story,
    world: World,
    facts: Mapping[tuple[str, str], SkuFacts],
    maker: IdMaker,
    terms: Terms,
) -> PlannedCheckout:
    customer = story.order.customer
    buyer_id = world.persons[customer.person_id]
    return PlannedCheckout(
        id=CheckoutId(maker.make(cell_of(buyer_id))),
        buyer_id=buyer_id,
        payment_id=PaymentId(maker.make(cell_of(buyer_id))),
        key=f"{SOURCE}:{story.order.id}",
        request_hash=blake2s(story.order.id.encode(), digest_size=16).digest(),
        address=address_of(customer),
        channel="inbound",
        provider=PROVIDER,
        currency=terms.currency,
        placed_at=story.placed_at,
        expires_at=story.expires_at,
        orders=[_plan_order(part, facts, maker, terms) for part in story.parts],
        actor="import",
    )


def _plan_order(
    part: Part, facts: Mapping[tuple[str, str], SkuFacts], maker: IdMaker, terms: Terms
) -> PlannedOrder:
    lines = [
        _plan_line(at, line, facts[line.product_id, part.seller_id])
        for at, line in enumerate(part.lines)
    ]
    shop_id = lines[0].sku.shop_id
    return PlannedOrder(
        id=OrderId(maker.make(cell_of(shop_id))),
        shop_id=ShopId(shop_id),
        goods_minor=part.goods_minor,
        freight_minor=part.freight_minor,
        fee_bp=terms.fee_bp,
        note="",
        lines=lines,
    )


def _plan_line(at: int, line: Line, sku: SkuFacts) -> PlannedLine:
    assert sku.warehouse_id is not None
    return PlannedLine(
        line=at + 1,
        sku=sku,
        warehouse_id=sku.warehouse_id,
        quantity=line.quantity,
        price_minor=line.price_minor,
        freight_minor=line.freight_minor,
        asked_at=at,
    )


def address_of(customer: Customer) -> dict[str, object]:
    """The snapshot the order keeps; the files name no receiver, phone or street."""
    return {
        "address_id": None,
        "country": COUNTRY,
        "receiver": display_name(customer.person_id),
        "phone": "",
        "region_code": None,
        "region_version": None,
        "regions": [],
        "detail": "",
        "city": customer.city,
        "state": customer.state,
        "postcode": customer.postcode,
    }


def _waybill(it: Written, nth: int) -> str:
    return it.story.order.id if len(it.plan.orders) == 1 else f"{it.story.order.id}-{nth}"
