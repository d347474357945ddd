"""The price of one piece now: for a buyer by the quote's rule, for cards in one statement that repeats it."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from jishi.db import Tx
from jishi.flows import quote as quoting
from jishi.flows.quote import cards_now, price_now
from jishi.kit.ids import AccountId, IdMaker, ProductId, SkuId, cell_of
from jishi.modules import pricing
from jishi.modules.pricing import OfferKind
from tests.support.makers import NOON, Goods, a_checkout, a_town, place_all
from tests.support.offers import DAY, an_offer
from tests.support.plans import plan_of

MORE = """
INSERT INTO sku (cell, id, product_id, shop_id, position, options, price_minor, on_sale, retired, updated_at)
SELECT cell_of($1), $1, $2, $3, 9, '{big}', $4, $5, $6, $7
"""


async def test_a_buyer_pays_what_the_offer_says_to_them(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, skus=4)
    plain, timed, club, flash, *_ = town.goods
    one, two = town.buyers
    await an_offer(tx, ids, [timed], price_minor=1_500)
    await an_offer(tx, ids, [club], kind=OfferKind.MEMBER, price_minor=1_400, audience="members")
    await an_offer(tx, ids, [flash], kind=OfferKind.FLASH, price_minor=1_300, quota=5, per_buyer=1)
    await pricing.join_shop(tx, one.account_id, town.shops[0], now=NOON)
    await place_all(tx, ids, [a_checkout(ids, two, flash)])
    skus = [it.sku_id for it in (plain, timed, club, flash)] + [SkuId(ids.make(1))]

    async def prices(who: AccountId | None) -> list[int | None]:
        found = await price_now(tx, skus, who, NOON)
        return [found.get(sku) for sku in skus]

    listed = [it.price_minor for it in (plain, timed, club, flash)]
    assert await prices(one.account_id) == [listed[0], 1_500, 1_400, 1_300, None]
    assert await prices(two.account_id) == [listed[0], 1_500, listed[2], listed[3], None]
    assert await prices(None) == [listed[0], 1_500, listed[2], 1_300, None]
    assert await price_now(tx, skus[:4], None, NOON + DAY) == dict(zip(skus, listed, strict=False))
    assert await price_now(tx, [], None, NOON) == {}


@pytest.mark.parametrize("seed", range(6))
async def test_cards_say_what_the_rule_says_for_everyone(tx: Tx, ids: IdMaker, seed: int) -> None:
    chance = Random(seed)
    town = await a_town(tx, ids, shops=3, skus=4)
    skus = {it.product_id: [it.sku_id] for it in town.goods}
    for goods in town.goods:
        more = SkuId(ids.make(cell_of(goods.shop_id)))
        on_sale, price = chance.random() < 0.8, chance.randint(1_500, 2_500)
        await tx.execute(
            MORE, more, goods.product_id, goods.shop_id, price, on_sale, not on_sale, NOON
        )
        if on_sale:
            skus[goods.product_id].append(more)
        await _perhaps(tx, ids, goods, chance)
    found = await cards_now(tx, list(skus), NOON)
    for product_id, of_product in skus.items():
        now = await price_now(tx, of_product, None, NOON)
        later = await price_now(tx, of_product, None, NOON + 99 * DAY)  # offers are over by then
        cheapest = min(of_product, key=lambda sku: (now[sku], later[sku]))
        expected = (now[cheapest], later[cheapest])
        assert found.get(product_id) == (expected if expected[0] < expected[1] else None)


async def _perhaps(tx: Tx, ids: IdMaker, goods: Goods, chance: Random) -> None:
    """A running, sold-out, coming, past, members' or dear offer of some goods."""
    changes: dict[str, Any] = chance.choice(
        [
            {},
            {"kind": OfferKind.FLASH, "quota": 3},
            {"kind": OfferKind.FLASH, "quota": 1, "sold": True},
            {"starts_at": NOON + timedelta(hours=1)},
            {"kind": OfferKind.MEMBER, "audience": "members"},
            {"audience": "new"},
            {"kind": OfferKind.N_FOR, "pieces": 2},
        ]
    )
    sold = changes.pop("sold", False)
    offer = await an_offer(tx, ids, [goods], price_minor=chance.randint(900, 1_990), **changes)
    if sold:
        await tx.execute("UPDATE offer_stock SET taken = quota WHERE offer_id = $1", offer)
    if chance.random() < 0.2:
        await pricing.end_offer(tx, offer, shop_id=goods.shop_id, now=NOON)


async def test_cards_ask_the_index_of_offers_by_product(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    await tx.execute("SET LOCAL enable_seqscan = off")
    statement = "SELECT * FROM cards_now($1, $2)"
    plan = await plan_of(tx, statement, [it.product_id for it in town.goods], NOON)
    assert "offer_item_by_product" in plan
    assert "Seq Scan" not in plan
    assert await cards_now(tx, [ProductId(1)], NOON) == {}


async def test_a_member_is_known_as_one_where_no_offer_asks_for_members(
    tx: Tx, ids: IdMaker
) -> None:
    town = await a_town(tx, ids)
    buyer, goods = town.buyers[0], town.goods[0]
    await pricing.join_shop(tx, buyer.account_id, goods.shop_id, now=NOON)
    found = await quoting.product_offers(
        tx, [goods.sku_id], goods.shop_id, buyer.account_id, now=NOON
    )
    assert found.is_member


async def test_a_limit_per_buyer_alone_is_no_number_of_pieces_left(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids)
    goods = town.goods[0]
    await an_offer(tx, ids, [goods], per_buyer=3)
    found = await quoting.product_offers(tx, [goods.sku_id], goods.shop_id, None, now=NOON)
    assert found.tags[goods.sku_id].left is None
