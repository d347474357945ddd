"""The quote is the order: what is written equals what was told, and coupons are used once."""

import asyncio
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.db.outbox import Event
from jishi.flows.cancel_orders import Cancellation, cancel
from jishi.flows.keep_offers.listeners import count_offers, keep_coupons
from jishi.flows.place_orders import PlaceOrders, Refused, place
from jishi.flows.place_orders.types import (
    CouponThreshold,
    CouponUnknown,
    CouponUsed,
    LinePayChanged,
    OfferLimit,
    OfferOver,
    Placed,
    TotalChanged,
)
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.flows.reprice_order import RepriceAsked, reprice
from jishi.flows.reprice_order.types import BuyerIsPaying, NotLower, NotUnpaid
from jishi.kit.errors import Refusal
from jishi.kit.ids import IdMaker, cell_of
from jishi.modules import pricing
from jishi.modules.pricing import Benefit, OfferKind, Payer
from jishi.modules.pricing.types_coupons import CouponEnough, CouponGone
from jishi.modules.pricing.types_coupons import CouponUnknown as NoSuchCoupon
from jishi.modules.pricing.types_offers import OffersOverlap
from tests.support.invariants import Sound
from tests.support.makers import (
    NOON,
    TERMS,
    Goods,
    Town,
    a_checkout,
    a_town,
    balance_of,
    order_row,
    pay_all,
    place_all,
)
from tests.support.offers import DAY, a_claim_of, a_coupon, an_offer, quote_for

LINES = """
SELECT * FROM sale_order_line WHERE cell = cell_of($1) AND order_id = $1 ORDER BY line
"""
RULES = """
SELECT * FROM sale_order_offer WHERE cell = cell_of($1) AND order_id = $1 ORDER BY line, position
"""


async def used_at(tx: Tx | Pool, claim: int) -> Any:
    return await tx.fetchval(
        "SELECT used_at FROM coupon_claim WHERE cell = $1 AND id = $2", cell_of(claim), claim
    )


def told(topic: str, order_id: int, **payload: Any) -> Event:
    return Event(1, topic, order_id, payload, NOON)


@pytest.mark.parametrize("seed", range(12))
async def test_the_order_written_is_the_order_quoted(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    town = await a_town(
        tx, ids, shops=3, skus=3, buyers=6, freight_minor=600, free_freight_from_minor=15_000
    )
    await _some_offers(tx, ids, town, chance)
    asked = []
    for buyer in town.buyers:
        lines: list[tuple[Goods, int]] = [
            (goods, chance.randint(1, 5)) for goods in chance.sample(town.goods, 4)
        ]
        claims = await _some_claims(tx, ids, town, buyer, chance)
        asked.append(a_checkout(ids, buyer, lines, coupons=claims))
    for tried in asked:
        fitting = [each.claim_id for each in (await quote_for(tx, tried)).priced.used]
        wish = replace(tried, coupons=fitting)
        quoted = await quote_for(tx, wish)
        wish = replace(wish, expected_minor=quoted.priced.buyer_minor)
        (placed,) = await place_all(tx, ids, [wish])
        assert placed.amount_minor == quoted.priced.buyer_minor
        for order_id, order in zip(placed.order_ids, quoted.priced.orders, strict=True):
            row = await order_row(tx, order_id)
            assert (
                row["amount_minor"] - row["platform_minor"] - row["creator_minor"]
                == order.buyer_minor
            )
            rows = await tx.fetch(LINES, order_id)
            for line, kept in zip(order.lines, rows, strict=True):
                for name in ("discount_minor", "freight_minor", "platform_minor", "creator_minor",
                             "amount_minor", "offer_id", "offer_quantity"):  # fmt: skip
                    assert kept[name] == getattr(line, name)
            rules = [
                (r["offer_id"], r["payer"], r["amount_minor"])
                for r in await tx.fetch(RULES, order_id)
            ]
            assert rules == [
                (rule.offer_id, rule.payer, rule.amount_minor)
                for line in order.lines
                for rule in line.offers
            ]
        for verdict in quoted.priced.used:
            assert await used_at(tx, verdict.claim_id) == NOON
        await pay_all(tx, ids, [placed])
        if chance.random() < 0.5:
            back = [
                RefundAsked(order_id=it, actor="buyer", at=NOON, why="x") for it in placed.order_ids
            ]
            await refund(tx, back, ids)
            for order_id in placed.order_ids:
                shop = (await order_row(tx, order_id))["shop_id"]
                assert await balance_of(tx, "escrow", shop, cell=cell_of(shop)) >= 0
    await sound(tx)


async def _some_offers(tx: Tx, ids: IdMaker, town: Town, chance: Random) -> None:
    first, second, third = (town.goods_of(shop) for shop in town.shops)
    await an_offer(tx, ids, first[:2], kind=OfferKind.FLASH, price_minor=900, quota=4, per_buyer=3)
    await an_offer(tx, ids, second, kind=OfferKind.N_FOR, pieces=3, price_minor=4_000)
    await an_offer(tx, ids, third[:1], price_minor=chance.randint(1, 1_900), is_exclusive=True)
    await an_offer(tx, ids, third, kind=OfferKind.MEMBER, price_minor=1_800, audience="members")


async def _some_claims(tx: Tx, ids: IdMaker, town: Town, buyer: Any, chance: Random) -> list[int]:
    claims = []
    for shop in [*town.shops, None]:
        payer = chance.choice([Payer.PLATFORM, Payer.CREATOR]) if shop is None else Payer.SHOP
        benefit = chance.choice([Benefit.FIXED, Benefit.PERCENT, Benefit.FREE_FREIGHT])
        coupon = await a_coupon(
            tx, ids, shop, payer=payer, benefit=benefit,
            creator_id=777 if payer is Payer.CREATOR else None,
            amount_minor=chance.randint(1, 9_000) if benefit is Benefit.FIXED else 0,
            rate_bp=chance.randint(1, 9_000) if benefit is Benefit.PERCENT else 0,
        )  # fmt: skip
        claims.append(await a_claim_of(tx, ids, buyer, coupon))
    return claims


# Coupons -----------------------------------------------------------------------------------------


async def test_a_coupon_used_twice_in_a_race_is_used_once(
    pool: Pool, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(pool, ids)
    async with transaction(pool) as tx:
        claim = await a_claim_of(tx, ids, town.buyers[0], await a_coupon(tx, ids, town.shops[0]))
    wishes = [a_checkout(ids, town.buyers[0], town.goods[0], coupons=[claim]) for _ in range(6)]
    flows = [PlaceOrders(pool, ids, TERMS) for _ in range(3)]
    verdicts = await asyncio.gather(*(flows[at % 3](wish) for at, wish in enumerate(wishes)))
    assert sum(isinstance(each, Placed) for each in verdicts) == 1
    for verdict in verdicts:
        if isinstance(verdict, Refused):
            (why,) = verdict.refusals
            assert isinstance(why, CouponUsed)
            assert why.field == "coupons[0]"


@pytest.mark.parametrize(
    ("_case", "changes", "refusal"),
    [
        ("somebody else's", {"whose": 1}, CouponUnknown),
        ("threshold", {"threshold_minor": 5_000}, CouponThreshold),
    ],
)
async def test_a_coupon_that_does_not_fit_is_refused_by_name(
    tx: Tx, ids: IdMaker, _case: str, changes: dict[str, Any], refusal: type
) -> None:
    town = await a_town(tx, ids)
    owner = town.buyers[changes.pop("whose", 0)]
    claim = await a_claim_of(tx, ids, owner, await a_coupon(tx, ids, town.shops[0], **changes))
    wish = a_checkout(ids, town.buyers[0], town.goods[0], coupons=[claim])
    (verdict,) = await place(tx, [wish], ids, TERMS)
    assert isinstance(verdict, Refused)
    assert isinstance(verdict.refusals[0], refusal)
    assert await used_at(tx, claim) is None


async def test_the_last_coupon_goes_to_one_of_many(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, buyers=5)
    async with transaction(pool) as tx:
        coupon = await a_coupon(tx, ids, town.shops[0], total_limit=2)

    async def claim(buyer: Any) -> int | Refusal:
        async with transaction(pool) as tx:
            try:
                return await a_claim_of(tx, ids, buyer, coupon)
            except Refusal as refusal:
                return refusal

    found = await asyncio.gather(*(claim(buyer) for buyer in town.buyers))
    assert sum(isinstance(each, int) for each in found) == 2
    assert sum(isinstance(each, CouponGone) for each in found) == 3


async def test_claims_are_limited_by_person_code_and_budget(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, buyers=3)
    one, two, three = town.buyers
    code = f"TEA-{ids.make(0) % 10**12}"
    hidden = await a_coupon(tx, ids, None, code=code, is_public=False, budget_minor=1_000)
    with pytest.raises(NoSuchCoupon):
        await a_claim_of(tx, ids, one, hidden)
    await pricing.claim_by_code(tx, ids, code.lower(), buyer_id=one.account_id, now=NOON)
    with pytest.raises(CouponEnough):
        await pricing.claim_by_code(tx, ids, code, buyer_id=one.account_id, now=NOON)
    await pricing.claim_by_code(tx, ids, code, buyer_id=two.account_id, now=NOON)
    with pytest.raises(CouponGone):
        await pricing.claim_by_code(tx, ids, code, buyer_id=three.account_id, now=NOON)
    assert await pricing.settle_claims(tx, now=NOON + 31 * DAY) >= 2
    kept = await pricing.find_coupon(tx, hidden, shop_id=None)
    assert kept is not None
    assert (kept.claimed, kept.reserved_minor) == (2, 0)


async def test_a_coupon_goes_back_when_all_its_orders_came_to_nothing(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids)
    buyer = town.buyers[0]
    claim = await a_claim_of(tx, ids, buyer, await a_coupon(tx, ids, None))
    goods = [(town.goods[0], 1), (town.goods[2], 1)]
    (placed,) = await place_all(tx, ids, [a_checkout(ids, buyer, goods, coupons=[claim])])
    first, second = placed.order_ids
    for order_id, back in ((first, False), (second, True)):
        gone = Cancellation(order_id=order_id, actor="buyer", at=NOON, why="buyer_cancelled")
        await cancel(tx, [gone])
        await keep_coupons(tx, [told("orders.cancelled", order_id)], NOON)
        assert (await used_at(tx, claim) is None) == back
    again = a_checkout(ids, buyer, town.goods[0], coupons=[claim])
    await place_all(tx, ids, [again])
    await keep_coupons(tx, [told("orders.cancelled", first)], NOON)  # told twice
    assert await used_at(tx, claim) == NOON
    await sound(tx)


async def test_what_a_coupon_did_is_counted_from_paid_orders(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    coupon = await a_coupon(tx, ids, town.shops[0])
    claim = await a_claim_of(tx, ids, town.buyers[0], coupon)
    wish = a_checkout(ids, town.buyers[0], town.goods[0], coupons=[claim])
    (placed,) = await place_all(tx, ids, [wish])
    await pay_all(tx, ids, [placed])
    await count_offers(tx, [told("orders.paid", placed.order_ids[0])], NOON)
    found = await pricing.find_coupon(tx, coupon, shop_id=town.shops[0])
    assert found is not None
    assert (found.claimed, found.orders, found.discount_minor) == (1, 1, 500)
    assert found.gmv_minor == town.goods[0].price_minor - 500


# Offers ------------------------------------------------------------------------------------------


async def test_a_changed_total_is_told_and_nothing_is_charged(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    offer = await an_offer(tx, ids, town.goods[:1])
    wish = a_checkout(ids, town.buyers[0], town.goods[0])
    line = replace(wish.lines[0], pay_minor=1_000)
    wish = replace(wish, lines=[line], expected_minor=1_000)
    await pricing.end_offer(tx, offer, shop_id=town.shops[0], now=NOON)
    (verdict,) = await place(tx, [wish], ids, TERMS)
    assert isinstance(verdict, Refused)
    assert [type(each) for each in verdict.refusals] == [TotalChanged, LinePayChanged]
    assert verdict.refusals[0].facts["total_minor"] == town.goods[0].price_minor


async def test_offers_of_one_group_do_not_meet(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    goods = town.goods[:1]
    await an_offer(tx, ids, goods, kind=OfferKind.FLASH, quota=3)
    with pytest.raises(OffersOverlap):
        await an_offer(tx, ids, goods, kind=OfferKind.TIMED, starts_at=NOON)
    await an_offer(tx, ids, goods, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    await an_offer(tx, ids, goods, kind=OfferKind.N_FOR, pieces=2, price_minor=3_000)


async def test_a_flash_sale_sells_exactly_its_units(pool: Pool, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(pool, ids, shops=1, buyers=60, stock=500)
    goods = town.goods[0]
    async with transaction(pool) as tx:
        offer = await an_offer(
            tx, ids, [goods], kind=OfferKind.FLASH, price_minor=99, quota=25, per_buyer=1
        )
    flows = [PlaceOrders(pool, ids, TERMS) for _ in range(3)]
    wishes = [a_checkout(ids, buyer, goods, expected_minor=99) for buyer in town.buyers]
    verdicts = await asyncio.gather(*(flows[at % 3](wish) for at, wish in enumerate(wishes)))
    assert sum(isinstance(each, Placed) for each in verdicts) == 25
    why = {type(it) for each in verdicts if isinstance(each, Refused) for it in each.refusals}
    assert why <= {OfferOver, TotalChanged}
    taken = await pool.fetchval("SELECT taken FROM offer_stock WHERE offer_id = $1", offer)
    assert taken == 25
    mine = a_checkout(ids, town.buyers[0], goods, expected_minor=99)
    refused = await flows[0](mine)
    assert isinstance(refused, Refused)


async def test_a_buyer_who_orders_twice_at_once_keeps_to_the_limit(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids, shops=1)
    goods = town.goods[0]
    async with transaction(pool) as tx:
        await an_offer(
            tx, ids, [goods], kind=OfferKind.FLASH, price_minor=99, quota=50, per_buyer=1
        )
    wishes = [a_checkout(ids, town.buyers[0], goods, expected_minor=99) for _ in range(4)]
    async with transaction(pool) as tx:
        verdicts = await place(tx, wishes, ids, TERMS)
    assert [isinstance(each, Placed) for each in verdicts] == [True, False, False, False]
    refused = verdicts[1]
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusals[0], OfferLimit)


# An agreed price ---------------------------------------------------------------------------------


async def test_a_shop_lowers_an_unpaid_order_and_it_is_paid_so(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, freight_minor=700)
    goods = [(town.goods[0], 2), (town.goods[1], 1), (town.goods[2], 1)]
    (placed,) = await place_all(tx, ids, [a_checkout(ids, town.buyers[0], goods)])
    order_id = placed.order_ids[0]
    before = (await order_row(tx, order_id))["amount_minor"]
    asked = RepriceAsked(
        order_id=order_id, shop_id=town.shops[0], actor_id=5, total_minor=4_321, freight_minor=100,
        why="as agreed", at=NOON,
    )  # fmt: skip
    done = await reprice(tx, asked)
    assert done.before_minor == before
    row = await order_row(tx, order_id)
    assert (row["amount_minor"], row["freight_minor"]) == (4_321, 100)
    agreed = [rule["amount_minor"] for rule in await tx.fetch(RULES, order_id)]
    assert sum(agreed) == before - 4_321
    on_freight = [
        it["amount_minor"]
        for it in await tx.fetch(RULES, order_id)
        if it["kind"] == "agreed_freight"
    ]
    assert sum(on_freight) == 700 - 100
    paid = replace(placed, amount_minor=placed.amount_minor - before + 4_321)
    await pay_all(tx, ids, [paid])
    assert (await order_row(tx, order_id))["state"] == 20
    with pytest.raises(NotUnpaid):
        await reprice(tx, replace(asked, total_minor=4_000))
    await refund(tx, [RefundAsked(order_id=order_id, actor="buyer", at=NOON, why="x")], ids)
    shop = town.shops[0]
    assert await balance_of(tx, "escrow", shop, cell=cell_of(shop)) == 0
    await sound(tx)


async def test_a_price_is_not_raised_nor_changed_while_the_buyer_pays(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    (placed,) = await place_all(tx, ids, [a_checkout(ids, town.buyers[0], town.goods[0])])
    asked = RepriceAsked(
        order_id=placed.order_ids[0], shop_id=town.shops[0], actor_id=5, total_minor=1_999, at=NOON
    )
    for total in (1_999, 2_500, 0, -1):
        with pytest.raises(NotLower):
            await reprice(tx, replace(asked, total_minor=total))
    await tx.execute("UPDATE payment SET asked_at = $2 WHERE id = $1", placed.payment_id, NOON)
    with pytest.raises(BuyerIsPaying):
        await reprice(tx, replace(asked, total_minor=1_000))
