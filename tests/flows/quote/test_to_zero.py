"""Random carts with offers, coupons of all payers and freight, bought and refunded piece by piece.

What was quoted is what was ordered, and what was ordered is what the ledger took in; an order that is
refunded whole, in whatever portions, before or after it was completed, leaves every account where it
was. A few hundred cases in the usual run; 25,000 with JISHI_LONG=1, of which offers that run out refuse some.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from jishi.db import Tx
from jishi.flows.place_orders import CheckoutAsked, Placed, place
from jishi.flows.quote import Quoted
from jishi.flows.refund_orders import Goods as Fate
from jishi.flows.refund_orders import RefundAsked, RefundLine, RefundOrderVerdict, refund
from jishi.kit.ids import IdMaker, OrderId, ShopId, cell_of
from jishi.modules.fulfilment import TemplateId
from jishi.modules.fulfilment.service_freight import save_template
from jishi.modules.fulfilment.types_freight import Counts, Template, Zone, ZoneKind
from jishi.modules.orders import LineLeft, refund_cap
from jishi.modules.pricing import Benefit, OfferKind, Payer
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    TERMS,
    Goods,
    Town,
    a_checkout,
    a_town,
    complete_all,
    pay_all,
    ship_all,
)
from tests.support.offers import a_claim_of, a_coupon, an_offer, quote_for

LONG = os.environ.get("JISHI_LONG") == "1"
CASES = 250 if LONG else 100  # of one market
MARKETS = 100 if LONG else 3
ROUNDS = 6  # refunds of an order before the rest goes at once
_PRICES = "UPDATE sku SET price_minor = $2 WHERE id = $1"
_TEMPLATE = "UPDATE product SET freight_template_id = $2 WHERE id = $1"
_LINES = """
SELECT l.*, o.state FROM sale_order_line l JOIN sale_order o ON o.cell = l.cell AND o.id = l.order_id
WHERE l.order_id = ANY ($1::bigint[]) ORDER BY l.order_id, l.line
"""
_BOOKED = """
SELECT t.order_id, t.kind AS transfer, p.kind, sum(p.amount_minor)::bigint AS amount
FROM ledger_transfer t JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id
WHERE t.order_id = ANY ($1::bigint[]) GROUP BY 1, 2, 3
"""


@pytest.mark.parametrize("seed", range(MARKETS))
async def test_quote_order_ledger_and_back_to_zero(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    town = await a_market(tx, ids, chance)
    coupons = await some_coupons(tx, ids, chance, town)
    asked, quotes = await wishes(tx, ids, chance, town, coupons)
    placed = bought(await place(tx, asked, ids, TERMS), quotes)
    assert len(placed) > CASES // 4, "hardly anything could be bought: the case is no case"
    await assert_ordered_as_quoted(tx, placed)
    await pay_all(tx, ids, [each for each, _ in placed])
    orders = [order for each, _ in placed for order in each.order_ids]
    await assert_booked_as_ordered(tx, orders)
    whole = await refund_at_random(tx, ids, chance, orders)
    assert whole
    await assert_nothing_left(tx, whole)
    await sound(tx)


async def a_market(tx: Tx, ids: IdMaker, chance: Random) -> Town:
    """Shops with odd prices, offers of every kind, and freight flat, free or by template."""
    town = await a_town(
        tx,
        ids,
        shops=4,
        skus=5,
        buyers=CASES,
        stock=100_000,
        freight_minor=chance.choice([0, 1, 799, 1_200]),
        free_freight_from_minor=chance.choice([None, 5_000, 30_000]),
        fee_bp=chance.choice([0, 60, 333, 2_000]),
    )
    goods = [replace(it, price_minor=chance.choice([1, 3, 99, 1_001, 12_345])) for it in town.goods]
    for it in goods:
        await tx.execute(_PRICES, it.sku_id, it.price_minor)
    town = Town(town.shops, goods, town.buyers)
    for shop_id in town.shops:
        await some_offers(tx, ids, chance, town.goods_of(shop_id))
        if chance.random() < 0.5:
            await by_template(tx, ids, chance, shop_id, town.goods_of(shop_id))
    return town


async def some_offers(tx: Tx, ids: IdMaker, chance: Random, goods: list[Goods]) -> None:
    dear = [it for it in goods if it.price_minor > 50]
    chance.shuffle(dear)
    if dear and chance.random() < 0.7:
        quota = chance.choice([None, 3, 40])
        price = max(1, dear[0].price_minor * chance.randint(10, 90) // 100)
        kind = chance.choice([OfferKind.TIMED, OfferKind.FLASH])
        limit = chance.choice([None, 2])
        quota = quota or (50 if kind is OfferKind.FLASH or limit else None)
        await an_offer(
            tx, ids, dear[:1], kind=kind, price_minor=price, quota=quota, per_buyer=limit
        )
    if len(dear) > 2 and chance.random() < 0.5:
        price = sum(it.price_minor for it in dear[1:3]) * chance.randint(40, 95) // 100
        await an_offer(tx, ids, dear[1:3], kind=OfferKind.N_FOR, pieces=3, price_minor=price)


async def by_template(
    tx: Tx, ids: IdMaker, chance: Random, shop_id: ShopId, goods: list[Goods]
) -> None:
    zones = tuple(
        Zone(
            kind=kind,
            first_units=chance.randint(1, 3),
            first_minor=chance.choice([0, 7, 1_500]),
            next_units=chance.randint(1, 3),
            next_minor=chance.choice([0, 3, 499]),
            free_from_minor=chance.choice([None, 20_000]),
        )
        for kind in (ZoneKind.REST, ZoneKind.ABROAD)
    )
    template = Template(
        id=TemplateId(ids.make(cell_of(shop_id))),
        shop_id=shop_id,
        name="By piece",
        counts=Counts.PIECE,
        per_parcel=False,
        zones=zones,
    )
    await save_template(tx, template, is_new=True, now=NOON)
    for it in goods[: chance.randint(1, len(goods))]:
        await tx.execute(_TEMPLATE, it.product_id, template.id)


async def some_coupons(
    tx: Tx, ids: IdMaker, chance: Random, town: Town
) -> list[tuple[ShopId | None, int]]:
    """Coupons of shops, of the market and of a creator, of every benefit."""
    creator = ids.make(9)
    made: list[tuple[ShopId | None, int]] = []
    for shop_id in [*town.shops, None]:
        for _ in range(2):
            payer = Payer.PLATFORM if shop_id is None else Payer.SHOP
            more: dict[str, Any] = {"payer": payer}
            if chance.random() < 0.3:
                more = {"payer": Payer.CREATOR, "creator_id": creator}
            benefit = chance.choice(list(Benefit))
            if benefit is Benefit.FIXED:
                more["amount_minor"] = chance.choice([1, 333, 2_000])
            else:
                more["amount_minor"] = None
            if benefit is Benefit.PERCENT:
                more |= {"rate_bp": chance.choice([1, 1_234, 5_000, 9_900]), "cap_minor": 4_000}
            threshold = chance.choice([0, 0, 5_000])
            coupon = await a_coupon(
                tx, ids, shop_id, benefit=benefit, threshold_minor=threshold, **more
            )
            made.append((shop_id, coupon))
    return made


async def wishes(
    tx: Tx,
    ids: IdMaker,
    chance: Random,
    town: Town,
    coupons: Sequence[tuple[ShopId | None, int]],
) -> tuple[list[CheckoutAsked], list[Quoted]]:
    """A random cart a buyer, coupons and all, and what it is quoted at."""
    asked, quotes = [], []
    for buyer in town.buyers:
        goods = chance.sample(town.goods, chance.randint(1, 6))
        lines = [(it, chance.choice([1, 1, 2, 3, 7, 12])) for it in goods]
        claims = [
            await a_claim_of(tx, ids, buyer, coupon_id)
            for _, coupon_id in chance.sample(coupons, chance.randint(0, 3))
        ]
        wish = a_checkout(ids, buyer, lines)
        all_of = await quote_for(tx, replace(wish, coupons=claims))
        usable = [verdict.claim_id for verdict in all_of.priced.used]
        quoted = await quote_for(tx, replace(wish, coupons=usable))
        asked.append(replace(wish, coupons=usable, expected_minor=quoted.priced.buyer_minor))
        quotes.append(quoted)
    return asked, quotes


def bought(verdicts: Sequence[Any], quotes: Sequence[Quoted]) -> list[tuple[Placed, Quoted]]:
    """Those that were placed; an offer that ran out meanwhile refuses the rest, at another total."""
    return [
        (verdict, quoted)
        for verdict, quoted in zip(verdicts, quotes, strict=True)
        if isinstance(verdict, Placed)
    ]


async def assert_ordered_as_quoted(tx: Tx, placed: Sequence[tuple[Placed, Quoted]]) -> None:
    ids = [order for each, _ in placed for order in each.order_ids]
    rows = await tx.fetch(_LINES, ids)
    found = {(row["order_id"], row["sku_id"]): row for row in rows}
    names = ("discount_minor", "freight_minor", "platform_minor", "creator_minor", "amount_minor")
    lines = 0
    for each, quoted in placed:
        assert each.amount_minor == quoted.priced.buyer_minor
        for order_id, order in zip(each.order_ids, quoted.priced.orders, strict=True):
            assert order.buyer_minor >= 1
            for line in order.lines:
                row = found[order_id, line.sku_id]
                assert [row[name] for name in names] == [getattr(line, name) for name in names]
                lines += 1
    assert lines == len(rows)


async def assert_booked_as_ordered(tx: Tx, orders: Sequence[OrderId]) -> None:
    rows = await tx.fetch(_BOOKED, orders)
    booked = {(row["order_id"], row["kind"]): row["amount"] for row in rows}
    for row in await tx.fetch("SELECT * FROM sale_order WHERE id = ANY ($1::bigint[])", orders):
        paid = row["amount_minor"] - row["platform_minor"] - row["creator_minor"]
        expected = {
            "gateway:sandbox": paid,
            "subsidy": row["platform_minor"],
            "receivable:creator": row["creator_minor"],
            "escrow": -row["amount_minor"],
        }
        assert {kind: booked.get((row["id"], kind), 0) for kind in expected} == expected


async def refund_at_random(
    tx: Tx, ids: IdMaker, chance: Random, orders: Sequence[OrderId]
) -> list[OrderId]:
    """Units and money go back in portions, while some orders are shipped and completed; those that
    ended with nothing left.
    """
    shipped: set[OrderId] = set()
    for turn in range(ROUNDS + 1):
        rows = await tx.fetch(_LINES, orders)
        asked = wishes_back(chance, rows, shipped, is_last=turn == ROUNDS)
        answers = await refund(tx, asked, ids)
        verdicts = {verdict for verdict, _ in answers}
        assert verdicts <= {RefundOrderVerdict.REFUNDED}, verdicts
        if turn == 1:
            going = [it for it in await in_states(tx, orders, 20) if chance.random() < 0.8]
            await ship_all(tx, ids, going)
            shipped |= set(await in_states(tx, orders, 30))
        if turn == 3:
            going = [it for it in await in_states(tx, orders, 30) if chance.random() < 0.7]
            await complete_all(tx, going)
    return await in_states(tx, orders, 200)


def wishes_back(
    chance: Random, rows: Sequence[Any], shipped: set[OrderId], *, is_last: bool
) -> list[RefundAsked]:
    """One refund an order at most: units, units for less, or money alone; the last takes all."""
    by_order: dict[OrderId, list[Any]] = {}
    for row in rows:
        if row["state"] in (20, 30, 100):
            by_order.setdefault(OrderId(row["order_id"]), []).append(row)
    made = []
    for order_id, lines in by_order.items():
        if not is_last and chance.random() < 0.4:
            continue
        is_sent = order_id in shipped
        picked = lines if is_last else chance.sample(lines, chance.randint(1, len(lines)))
        wanted = [line for row in picked if (line := back_of(chance, row, is_sent, is_last))]
        if not wanted:
            continue
        fate = chance.choice([Fate.RETURNED, Fate.KEPT]) if is_sent else Fate.UNSHIPPED
        if any(line.quantity == 0 for line in wanted):
            fate = Fate.KEPT
        made.append(
            RefundAsked(
                order_id=order_id,
                actor="operator",
                at=NOON,
                why="tested",
                goods=fate,
                lines=wanted,
            )
        )
    return made


def back_of(chance: Random, row: Any, is_sent: bool, is_last: bool) -> RefundLine | None:  # noqa: FBT001
    left = LineLeft(
        units=row["quantity"] - row["refunded_quantity"],
        buyer_minor=row["amount_minor"] - row["platform_minor"] - row["creator_minor"]
        - row["refunded_minor"],
        platform_minor=row["platform_minor"] - row["refunded_platform_minor"],
        creator_minor=row["creator_minor"] - row["refunded_creator_minor"],
    )  # fmt: skip
    if not left.units:
        return None
    if is_last:
        return RefundLine(line=row["line"], quantity=left.units)
    units = chance.randint(1, left.units)
    cap = refund_cap(left, units)
    if is_sent and chance.random() < 0.3 and left.buyer_minor > 1:
        money = chance.randint(1, left.buyer_minor - 1)
        return RefundLine(line=row["line"], quantity=0, amount_minor=money)
    if cap.total_minor == 0:
        return None
    return RefundLine(line=row["line"], quantity=units)


async def in_states(tx: Tx, orders: Sequence[OrderId], state: int) -> list[OrderId]:
    rows = await tx.fetch(
        "SELECT id FROM sale_order WHERE id = ANY ($1::bigint[]) AND state = $2 ORDER BY id",
        orders,
        state,
    )
    return [OrderId(row["id"]) for row in rows]


async def assert_nothing_left(tx: Tx, whole: Sequence[OrderId]) -> None:
    """Every account an order touched is where it was; what goes back to the buyer is on its way."""
    rows = await tx.fetch(_BOOKED, whole)
    sums: dict[tuple[int, str], int] = {}
    for row in rows:
        kind = "shop" if row["kind"] in ("payable:shop", "receivable:shop") else row["kind"]
        kind = "money" if kind in ("gateway:sandbox", "clearing:refund") else kind
        sums[row["order_id"], kind] = sums.get((row["order_id"], kind), 0) + row["amount"]
    assert not {key: amount for key, amount in sums.items() if amount}
    assert {kind for _, kind in sums} >= {"money", "escrow"}
