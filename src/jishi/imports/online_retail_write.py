"""Online Retail into the market: one shop, its goods, its customers, then invoices oldest first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2s

from babel import Locale

from jishi.db import Pool, Tx, transaction
from jishi.flows.place_orders.flow import write
from jishi.flows.place_orders.storage import sku_facts
from jishi.flows.place_orders.types import PlannedCheckout, PlannedLine, PlannedOrder, SkuFacts
from jishi.imports import past_orders, storage
from jishi.imports.directory import Directory, Step
from jishi.imports.online_retail_plan import Place, Return, Sale, Taken
from jishi.imports.online_retail_world import COUNTER, SHOP_NAME, SOURCE, Plan, World, build
from jishi.imports.past_cases import PastReturn, take_back
from jishi.imports.past_orders import Past, Sent, Terms
from jishi.imports.storage import ImportedLine, ImportedOrder
from jishi.kit.ids import (
    CheckoutId,
    IdMaker,
    OrderId,
    PaymentId,
    ShopId,
    cell_of,
)
from jishi.kit.money import split
from jishi.modules.stock import Change, receive

PROVIDER = "online-retail"  # gateway:online-retail holds what the shop collected
CARRIER = "self"
RETURNS_TO = {"receiver": SHOP_NAME, "phone": "", "address": "United Kingdom"}  # all the file tells
LINES_MAX = 2_000  # order lines of one transaction, about
INVOICES_MAX = 400
# Names of the file that are no English names of territories.
COUNTRIES = {"EIRE": "IE", "USA": "US", "RSA": "ZA", "Hong Kong": "HK", "Channel Islands": "JE"}
UNKNOWN_COUNTRY = "ZZ"


@dataclass(frozen=True, slots=True)
class Booked:
    """The order an invoice became."""

    order_id: OrderId
    payment_id: PaymentId


async def take_in_all(
    pool: Pool,
    maker: IdMaker,
    plans: Sequence[Plan],
    terms: Terms,
    step: Step,
    *,
    shop_id: ShopId | None,
) -> tuple[list[Plan], Mapping[str, int]]:
    """Write what is not known yet: the plans written, and the new things by kind."""
    directory = Directory(pool=pool, run_id=terms.run_id)
    world = await build(directory, maker, plans, terms, step, shop_id)
    booked: dict[str, Booked] = {}
    written: list[Plan] = []
    for batch in batches(plans):
        async with transaction(pool) as tx:
            numbers = [it.invoice.number for it in batch]
            known = await storage.known_orders(tx, SOURCE, numbers)
            booked |= await _booked_before(tx, known)
            new = [it for it in batch if it.invoice.number not in known]
            if new:
                booked |= await _take_in(tx, new, booked, world, maker, terms)
        written += new
        step(len(batch))
    return written, directory.counts


def batches(plans: Sequence[Plan]) -> list[list[Plan]]:
    """Neighbours in time, few enough for one transaction."""
    found: list[list[Plan]] = [[]]
    lines = 0
    for plan in plans:
        size = len(plan.lines) if isinstance(plan, Sale) else len(plan.taken)
        if found[-1] and (lines + size > LINES_MAX or len(found[-1]) >= INVOICES_MAX):
            found.append([])
            lines = 0
        found[-1].append(plan)
        lines += size
    return found


async def _booked_before(tx: Tx, numbers: set[str]) -> dict[str, Booked]:
    rows = await storage.booked_orders(tx, SOURCE, sorted(numbers))
    return {row["external_id"]: Booked(row["order_id"], row["payment_id"]) for row in rows}


async def _take_in(
    tx: Tx,
    batch: Sequence[Plan],
    booked: Mapping[str, Booked],
    world: World,
    maker: IdMaker,
    terms: Terms,
) -> dict[str, Booked]:
    """Write a batch with all its steps; the orders it became, by invoice."""
    sales = [it for it in batch if isinstance(it, Sale)]
    plans = await _sell(tx, sales, world, maker, terms) if sales else {}
    new = {number: Booked(plan.orders[0].id, plan.payment_id) for number, plan in plans.items()}
    booked = {**booked, **new}
    returns = [
        _returned(it, taken, booked) for it in batch if isinstance(it, Return) for taken in it.taken
    ]
    await take_back(tx, returns, maker, terms)
    orders = [_recorded(it, plans.get(it.invoice.number), world) for it in batch]
    await storage.insert_orders(tx, SOURCE, orders, terms.run_id)
    lines = [_line(it.invoice.number, place) for it in batch for place in it.places]
    await storage.insert_lines(tx, SOURCE, lines, terms.run_id)
    return new


async def _sell(
    tx: Tx, sales: Sequence[Sale], world: World, maker: IdMaker, terms: Terms
) -> dict[str, PlannedCheckout]:
    demand = Counter[str]()
    for line in (line for sale in sales for line in sale.lines):
        demand[line.code] += line.quantity
    changes = [
        Change(
            sku_id=world.skus[code],
            warehouse_id=world.warehouse_id,
            quantity=quantity,
            why="import",
        )
        for code, quantity in sorted(demand.items())
    ]
    await receive(tx, changes, now=min(sale.invoice.at for sale in sales))
    found = await sku_facts(tx, [world.skus[code] for code in demand], fee_bp=terms.fee_bp)
    facts = {code: found[world.skus[code]] for code in demand}
    plans = {sale.invoice.number: _plan(sale, world, facts, maker, terms) for sale in sales}
    refusals = await write(tx, list(plans.values()))
    assert not any(refusals), f"not placed: {next(filter(None, refusals))}"
    past = [
        Past(plan=plan, source=SOURCE, external_id=number, at=plan.placed_at)
        for number, plan in plans.items()
    ]
    await past_orders.pay(tx, past, maker, terms)
    sent = [
        Sent(
            order_id=it.plan.orders[0].id,
            shop_id=world.shop_id,
            waybill=it.external_id,
            at=it.at,
        )
        for it in past
    ]
    await past_orders.send(tx, sent, maker, terms, carrier=CARRIER)
    await past_orders.settle(tx, [(it.order_id, it.at) for it in sent])
    return plans


def _returned(it: Return, taken: Taken, booked: Mapping[str, Booked]) -> PastReturn:
    order = booked[taken.sale]
    return PastReturn(
        order_id=order.order_id,
        line=taken.line,
        quantity=taken.quantity,
        amount_minor=taken.amount_minor,
        number=it.invoice.number,
        at=it.invoice.at,
        carrier=CARRIER,
        address=RETURNS_TO,
        payment_id=order.payment_id,
        provider=PROVIDER,
    )


def _recorded(it: Plan, plan: PlannedCheckout | None, world: World) -> ImportedOrder:
    booked = it.amount_minor if isinstance(it, Sale) else 0
    return ImportedOrder(
        external_id=it.invoice.number,
        buyer_id=world.people[it.invoice.customer],
        status="return" if isinstance(it, Return) else "sale",
        purchased_at=it.invoice.at,
        checkout_id=plan.id if plan else None,
        order_ids=[order.id for order in plan.orders] if plan else [],
        payments_minor=booked,
        booked_minor=booked,
        oddities=sorted({place.why.value for place in it.places if place.why}),
    )


def _line(number: str, place: Place) -> ImportedLine:
    entry = place.entry
    return ImportedLine(
        external_id=number,
        row=entry.row,
        code=entry.code,
        country=entry.country,
        quantity=entry.quantity,
        price_milli=entry.price_milli,
        at=entry.at,
        fate=place.fate.value,
        why=place.why.value,
        booked_quantity=place.booked_quantity,
        booked_minor=place.booked_minor,
    )


def _plan(
    sale: Sale,
    world: World,
    facts: Mapping[str, SkuFacts],
    maker: IdMaker,
    terms: Terms,
) -> PlannedCheckout:
    invoice = sale.invoice
    buyer_id = world.people[invoice.customer]
    goods = [line.quantity * line.price_minor for line in sale.lines]
    lines = [
        PlannedLine(
            line=line.line,
            sku=facts[line.code],
            warehouse_id=world.warehouse_id,
            quantity=line.quantity,
            price_minor=line.price_minor,
            freight_minor=freight,
            asked_at=at,
        )
        for at, (line, freight) in enumerate(
            zip(sale.lines, split(sale.freight_minor, goods), strict=True)
        )
    ]
    order = PlannedOrder(
        id=OrderId(maker.make(cell_of(world.shop_id))),
        shop_id=world.shop_id,
        goods_minor=sum(goods),
        freight_minor=sale.freight_minor,
        fee_bp=terms.fee_bp,
        note="",
        lines=lines,
    )
    return PlannedCheckout(
        id=CheckoutId(maker.make(cell_of(buyer_id))),
        buyer_id=buyer_id,
        payment_id=PaymentId(maker.make(cell_of(buyer_id))),
        key=f"{SOURCE}:{invoice.number}",
        request_hash=blake2s(invoice.number.encode(), digest_size=16).digest(),
        address=address_of(invoice.customer, invoice.country),
        channel="inbound",
        provider=PROVIDER,
        currency=terms.currency,
        placed_at=invoice.at,
        expires_at=invoice.at,
        orders=[order],
        actor="import",
    )


def address_of(customer: str, country: str) -> dict[str, object]:
    """The snapshot the order keeps; the file names a country only."""
    return {
        "address_id": None,
        "country": country_code(country),
        "receiver": f"Customer {customer}" if customer else COUNTER,
        "phone": "",
        "region_code": None,
        "region_version": None,
        "regions": [],
        "detail": "",
        "city": "",
        "state": country,
        "postcode": "",
    }


@cache
def country_code(name: str) -> str:
    """ISO 3166 of an English name; ``ZZ`` where there is none."""
    known = {str(text): code for code, text in Locale("en").territories.items()}
    code = COUNTRIES.get(name) or known.get(name, UNKNOWN_COUNTRY)
    return code if code.isalpha() else UNKNOWN_COUNTRY
