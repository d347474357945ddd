"""Place a batch of checkouts in one transaction: claim keys, quote, plan, write under lock."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from jishi.db import Pool, Row, Tx
from jishi.db.batch import batched
from jishi.flows import quote as quoting
from jishi.flows.place_orders import rules, rush, storage
from jishi.flows.place_orders.types import (
    AddressUnknown,
    CheckoutAsked,
    CouponUsed,
    Placed,
    PlannedCheckout,
    Refused,
)
from jishi.flows.quote.rules import senders
from jishi.kit.errors import KeyReused, Refusal
from jishi.kit.ids import CheckoutId, IdMaker, OrderId, PaymentId, ShopId, cell_of
from jishi.kit.regions import destination_of
from jishi.modules import pricing
from jishi.modules.places import snapshots
from jishi.modules.places.types import Snapshot

Verdict = Placed | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The market's settings that placing needs."""

    provider: str
    currency: str
    fee_bp: int
    unpaid_for: timedelta


class PlaceOrders:
    """Gathers checkouts that arrive together; one per process."""

    def __init__(self, pool: Pool, maker: IdMaker, terms: Terms, *, lanes: int = 1) -> None:
        async def run(tx: Tx, batch: Sequence[CheckoutAsked]) -> list[Verdict]:
            return await place(tx, batch, maker, terms, seen=self._rush.note)

        self._rush = rush.Rush()
        self._batcher = batched(pool, run, lanes=lanes)
        # A flash sale waits in a line of its own: answered steadily, whatever the crowd.
        self._paced = batched(
            pool, run, size=rush.BATCH, waiting_max=rush.WAITING_MAX, pace=rush.PER_SECOND
        )

    async def __call__(self, asked: CheckoutAsked) -> Verdict:
        """The verdict on one checkout. Raises TooBusy when too many wait."""
        refusals = rules.check_request(asked)
        if refusals:
            return Refused(refusals=refusals)
        lane = self._paced if self._rush.has(asked) else self._batcher
        return await lane.submit(asked)


async def place(
    tx: Tx,
    batch: Sequence[CheckoutAsked],
    maker: IdMaker,
    terms: Terms,
    *,
    seen: Callable[[quoting.MarketFacts], None] = lambda _: None,
) -> list[Verdict]:
    """One verdict per checkout, same order. Holds the keys and the stock rows until ``tx`` ends.

    ``seen`` is given what was known of the market.
    """
    known = await storage.claim(tx, batch)
    addresses = await snapshots(tx, [(asked.buyer_id, asked.address_id) for asked in batch])
    wanted = [
        rules.quote_asked(asked, destination_of(address))
        for asked, address in zip(batch, addresses, strict=True)
    ]
    market = await quoting.load(tx, wanted, fee_bp=terms.fee_bp, lock=True)
    seen(market)
    used: set[int] = set()  # coupons of checkouts planned before in this batch
    verdicts: list[Verdict | None] = [None] * len(batch)
    plans: list[tuple[int, PlannedCheckout]] = []
    first: dict[tuple[int, str], int] = {}
    for at, (asked, address) in enumerate(zip(batch, addresses, strict=True)):
        if at in known:
            verdicts[at] = _repeat(asked, known[at])
            continue
        if first.setdefault((asked.buyer_id, asked.key), at) != at:
            continue  # the same key twice in one batch: answered after the first
        plan = _plan(asked, address, wanted[at], market, maker, terms)
        if isinstance(plan, Refused):
            verdicts[at] = plan
        elif clash := _clash(asked, market, used):
            verdicts[at] = Refused(refusals=clash)
        else:
            used.update(asked.coupons)
            plans.append((at, plan))
    if plans:
        written = await write(tx, [plan for _, plan in plans])
        for (at, plan), refusals in zip(plans, written, strict=True):
            verdicts[at] = Refused(refusals=refusals) if refusals else _placed(plan)
    for at, asked in enumerate(batch):
        if verdicts[at] is None:
            verdicts[at] = _twin(asked, batch, verdicts, first[asked.buyer_id, asked.key])
    return [verdict for verdict in verdicts if verdict is not None]


async def write(tx: Tx, plans: Sequence[PlannedCheckout]) -> list[list[Refusal]]:
    """Write planned checkouts under lock; the refusals of each, none when it was placed."""
    refused_lines = await storage.place(tx, plans)
    refusals: list[list[Refusal]] = [[] for _ in plans]
    for number, (at, line) in enumerate(storage.flat_lines(plans)):
        row = refused_lines.get(number)
        if row is not None:
            refusals[at].append(
                rules.refusal_of(row["verdict"], line.asked_at, rules.as_asked(line), row["fact"])
            )
    placed = [plan for plan, against in zip(plans, refusals, strict=True) if not against]
    if placed:
        await storage.open_checkouts(tx, placed)
    uses = [
        (claim, plan.id, order_id, amount, plan.placed_at)
        for plan in placed
        for claim, order_id, amount in plan.coupons
    ]
    if uses:
        await pricing.use_claims(tx, uses)
    return refusals


def _plan(
    asked: CheckoutAsked,
    address: Snapshot | None,
    wanted: quoting.Asked,
    market: quoting.MarketFacts,
    maker: IdMaker,
    terms: Terms,
) -> PlannedCheckout | Refused:
    if address is None:
        return Refused(refusals=[AddressUnknown(field="address_id", address_id=asked.address_id)])
    facts = senders(wanted, market)
    refusals = rules.check_lines(asked, facts)
    if refusals:
        return Refused(refusals=refusals)
    quoted = quoting.plain_quote(wanted, facts) or quoting.quote_of(wanted, market, facts)
    orders = rules.plan_orders(
        asked, facts, order_id=lambda shop_id: OrderId(maker.make(cell_of(shop_id))), quoted=quoted
    )
    if isinstance(orders, Refused):
        return orders
    cell = cell_of(asked.buyer_id)
    order_of = {order.shop_id: order.id for order in orders}
    return PlannedCheckout(
        id=CheckoutId(maker.make(cell)),
        buyer_id=asked.buyer_id,
        payment_id=PaymentId(maker.make(cell)),
        key=asked.key,
        request_hash=asked.request_hash,
        address=address,
        channel=asked.channel,
        provider=terms.provider,
        currency=terms.currency,
        placed_at=asked.now,
        expires_at=asked.now + terms.unpaid_for,
        orders=orders,
        coupons=[
            (verdict.claim_id, order_of[ShopId(shop_id)], amount)
            for verdict in quoted.priced.used
            for shop_id, amount in verdict.parts.items()
        ],
    )


def _clash(
    asked: CheckoutAsked, market: quoting.MarketFacts, used: Collection[int]
) -> list[Refusal]:
    """Coupons that a checkout before it in the same batch uses."""
    return [
        CouponUsed(field=f"coupons[{at}]", claim_id=each, title=market.claims[each].terms.title)
        for at, each in enumerate(asked.coupons)
        if each in used
    ]


def _placed(plan: PlannedCheckout) -> Placed:
    return Placed(
        checkout_id=plan.id,
        payment_id=plan.payment_id,
        order_ids=[order.id for order in plan.orders],
        amount_minor=plan.amount_minor,
    )


def _repeat(asked: CheckoutAsked, row: Row) -> Verdict:
    if row["request_hash"] != asked.request_hash:
        return Refused(refusals=[KeyReused()])
    return Placed(
        checkout_id=row["id"],
        payment_id=row["payment_id"],
        order_ids=row["order_ids"],
        amount_minor=row["amount_minor"],
        is_repeat=True,
    )


def _twin(
    asked: CheckoutAsked,
    batch: Sequence[CheckoutAsked],
    verdicts: Sequence[Verdict | None],
    first: int,
) -> Verdict:
    if batch[first].request_hash != asked.request_hash:
        return Refused(refusals=[KeyReused()])
    answer = verdicts[first]
    assert answer is not None
    return replace(answer, is_repeat=True) if isinstance(answer, Placed) else answer
