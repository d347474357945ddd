"""Offers and coupons that are changed while people buy: quotas, codes, limits, under the locks of placing."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows.keep_offers import Picked, change_offer
from jishi.flows.place_orders import PlaceOrders, Refused
from jishi.flows.place_orders.types import OfferOver, Placed, TotalChanged
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules import pricing
from jishi.modules.pricing import OfferDraft, OfferKind, OfferStands, ScopeForeign
from jishi.modules.pricing.types_coupons import CodeTaken, CouponUnknown, SavedMeanwhile
from jishi.modules.pricing.types_offers import OffersOverlap, OfferUnknown
from tests.support.invariants import Sound
from tests.support.makers import NOON, TERMS, Goods, a_checkout, a_town, place_all
from tests.support.offers import DAY, a_claim_of, a_coupon, an_offer, quote_for

QUOTAS = """
SELECT sku_id, quota, taken, per_buyer FROM offer_stock WHERE offer_id = $1 ORDER BY sku_id
"""


async def standing(tx: Tx | Pool, offer: int, goods: Goods) -> OfferStands:
    return await pricing.get_offer(tx, offer, shop_id=goods.shop_id, now=NOON)


async def change(tx: Tx, offer: int, goods: list[Goods], draft: OfferDraft, **facts: Any) -> None:
    version = facts.pop("version", 1)
    picked = [Picked(sku_id=it.sku_id, **facts) for it in goods]
    await change_offer(tx, offer, draft, picked, version=version, now=NOON)


async def test_a_running_sale_gets_more_pieces_a_lower_price_and_more_goods(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(tx, ids, shops=1, skus=2)
    first, second = town.goods
    offer = await an_offer(tx, ids, [first], kind=OfferKind.FLASH, quota=2, price_minor=900)
    await place_all(tx, ids, [a_checkout(ids, town.buyers[0], [(first, 2)])])
    before = await standing(tx, offer, first)
    draft = replace(before.draft, title="More", ends_at=NOON + 2 * DAY)
    with pytest.raises(Refusals) as fewer:
        await change(tx, offer, [first, second], draft, price_minor=900, quota=1)
    assert [it.code for it in fewer.value.items] == ["pricing.quota_below_sold"]
    await change(tx, offer, [first, second], draft, price_minor=800, quota=5)
    rows = [tuple(row) for row in await tx.fetch(QUOTAS, offer)]
    assert rows == [(first.sku_id, 5, 2, None), (second.sku_id, 5, 0, None)]
    quoted = await quote_for(tx, a_checkout(ids, town.buyers[1], [(first, 4), (second, 1)]))
    assert [line.offer_quantity for line in quoted.priced.orders[0].lines] == [3, 1]
    after = await standing(tx, offer, first)
    assert (after.version, after.draft.title) == (2, "More")
    with pytest.raises(SavedMeanwhile):
        await change(tx, offer, [first, second], draft, price_minor=800, quota=5, version=1)
    await sound(tx)


async def test_an_offer_nobody_has_seen_changes_its_goods(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=2, skus=2)
    first, second, foreign, _ = town.goods
    later = {"starts_at": NOON + DAY, "ends_at": NOON + 2 * DAY, "announced_at": NOON + DAY}
    offer = await an_offer(tx, ids, [first], quota=5, **later)
    draft = (await standing(tx, offer, first)).draft
    await change(tx, offer, [second], draft, price_minor=1_800)
    assert await tx.fetch(QUOTAS, offer) == []
    after = await standing(tx, offer, first)
    assert [(it.sku_id, it.price_minor) for it in after.draft.items] == [(second.sku_id, 1_800)]
    with pytest.raises(ScopeForeign):
        await change(tx, offer, [foreign], draft, price_minor=1_800, version=2)
    await an_offer(tx, ids, [first], **later)
    with pytest.raises(OffersOverlap):
        await change(tx, offer, [first], draft, price_minor=1_800, version=2)
    await pricing.end_offer(tx, offer, shop_id=first.shop_id, now=NOON)
    with pytest.raises(OfferUnknown):
        await change(tx, offer, [second], draft, price_minor=1_800, version=2)


async def test_goods_that_left_the_shop_do_not_hold_up_a_change(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1, skus=2)
    offer = await an_offer(tx, ids, town.goods, quota=9)
    gone = town.goods[0].sku_id
    await tx.execute("UPDATE sku SET retired = true, on_sale = false WHERE id = $1", gone)
    draft = (await standing(tx, offer, town.goods[0])).draft
    await change(tx, offer, town.goods, draft, price_minor=1_000, quota=10)
    with pytest.raises(ScopeForeign):
        await an_offer(tx, ids, town.goods, starts_at=NOON + 5 * DAY, ends_at=NOON + 6 * DAY)


async def test_a_quota_that_is_taken_away_still_counts(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, shops=1)
    goods = town.goods[0]
    offer = await an_offer(tx, ids, [goods], quota=3)
    await place_all(tx, ids, [a_checkout(ids, town.buyers[0], [(goods, 3)])])
    draft = (await standing(tx, offer, goods)).draft
    await change(tx, offer, [goods], draft, price_minor=1_000)
    assert (await standing(tx, offer, goods)).draft.items[0].quota is None
    quoted = await quote_for(tx, a_checkout(ids, town.buyers[1], [(goods, 50)]))
    assert quoted.priced.buyer_minor == 50 * 1_000
    await place_all(tx, ids, [a_checkout(ids, town.buyers[1], [(goods, 2)])])
    await sound(tx)


async def test_a_quota_lowered_in_a_rush_never_falls_below_what_was_sold(
    pool: Pool, ids: IdMaker, sound: Sound
) -> None:
    town = await a_town(pool, ids, shops=1, buyers=40, stock=500)
    goods = town.goods[0]
    async with transaction(pool) as tx:
        offer = await an_offer(tx, ids, [goods], kind=OfferKind.FLASH, price_minor=99, quota=30)
    flows = [PlaceOrders(pool, ids, TERMS) for _ in range(2)]

    async def lower(quota: int) -> bool:
        async with transaction(pool) as tx:
            before = await standing(tx, offer, goods)
            try:
                await change(
                    tx, offer, [goods], before.draft, price_minor=99, quota=quota,
                    version=before.version,
                )  # fmt: skip
            except (Refusals, SavedMeanwhile):
                return False
        return True

    buying = [
        flows[at % 2](a_checkout(ids, buyer, goods, expected_minor=99))
        for at, buyer in enumerate(town.buyers)
    ]
    verdicts, *_ = await asyncio.gather(
        asyncio.gather(*buying), *(lower(quota) for quota in (20, 12, 25))
    )
    row = (await pool.fetch(QUOTAS, offer))[0]
    sold = sum(isinstance(each, Placed) for each in verdicts)
    assert row["taken"] == sold <= row["quota"]
    why = {type(it) for each in verdicts if isinstance(each, Refused) for it in each.refusals}
    assert why <= {OfferOver, TotalChanged}


# Coupons -----------------------------------------------------------------------------------------


async def test_a_planned_coupon_changes_its_code_and_gives_the_old_one_free(
    tx: Tx, ids: IdMaker
) -> None:
    old, new = (f"TEA-{ids.make(0) % 10**12}" for _ in range(2))
    planned = {"claim_from": NOON + DAY, "claim_until": NOON + 2 * DAY}
    coupon = await a_coupon(tx, ids, None, code=old, **planned)
    found = await pricing.find_coupon(tx, coupon, shop_id=None)
    assert found is not None
    taken = await a_coupon(tx, ids, None, code=new, **planned)
    draft = replace(found.draft, code=new, terms=replace(found.terms, amount_minor=700))
    with pytest.raises(CodeTaken):
        await pricing.change_coupon(tx, coupon, draft, version=1, now=NOON)
    other = await pricing.find_coupon(tx, taken, shop_id=None)
    assert other is not None
    await pricing.change_coupon(tx, taken, replace(other.draft, code=""), version=1, now=NOON)
    await pricing.change_coupon(tx, coupon, draft, version=1, now=NOON)
    await a_coupon(tx, ids, None, code=old, **planned)
    after = await pricing.find_coupon(tx, coupon, shop_id=None)
    assert after is not None
    assert (after.code, after.terms.amount_minor, after.version) == (new, 700, 2)
    buyer = AccountId(ids.make(7))
    await pricing.claim_by_code(tx, ids, new, buyer_id=buyer, now=NOON + DAY)
    with pytest.raises(SavedMeanwhile):
        await pricing.change_coupon(tx, coupon, draft, version=1, now=NOON)


async def test_a_coupon_people_hold_changes_only_how_it_is_handed_out(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=2)
    coupon = await a_coupon(tx, ids, town.shops[0])
    claim = await a_claim_of(tx, ids, town.buyers[0], coupon)
    found = await pricing.find_coupon(tx, coupon, shop_id=town.shops[0])
    assert found is not None
    dearer = replace(found.draft, terms=replace(found.terms, amount_minor=1))
    with pytest.raises(Refusals) as told:
        await pricing.change_coupon(tx, coupon, dearer, version=1, now=NOON)
    assert [(it.code, it.field) for it in told.value.items] == [
        ("pricing.claims_begun", "amount_minor")
    ]
    of_others = replace(found.draft, terms=replace(found.terms, shop_id=town.shops[1]))
    with pytest.raises(CouponUnknown):
        await pricing.change_coupon(tx, coupon, of_others, version=1, now=NOON)
    named = replace(found.draft, terms=replace(found.terms, title="Hello"), total_limit=1)
    await pricing.change_coupon(tx, coupon, named, version=1, now=NOON)
    (held,) = await pricing.usable_claims(tx, town.buyers[0].account_id, town.shops, now=NOON)
    assert (held.id, held.terms.title) == (claim, "Five off")
