import asyncio
from dataclasses import replace
from typing import Any

import pytest

from jishi.db import Pool
from jishi.flows.place_orders import CheckoutAsked, LineAsked, Placed, PlaceOrders, Refused, place
from jishi.flows.place_orders.types import (
    AddressUnknown,
    PriceChanged,
    QuantityInvalid,
    ShopClosed,
    SkuGone,
    StockShort,
)
from jishi.kit.errors import KeyReused
from jishi.kit.ids import AccountId, AddressId, IdMaker, SkuId, cell_of
from tests.support.makers import (
    NOON,
    TERMS,
    a_checkout,
    a_town,
    balance_of,
    committed,
    order_row,
    stock_of,
)

pytestmark = pytest.mark.usefixtures("sound")


async def count_orders(pool: Pool, buyer_id: int) -> int:
    found = await pool.fetchval("SELECT count(*) FROM sale_order WHERE buyer_id = $1", buyer_id)
    return int(found)


async def test_a_checkout_over_three_shops_becomes_three_orders_and_one_payment(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(
        pool, ids, shops=3, skus=2, freight_minor=800, free_freight_from_minor=9_000
    )
    a, b, c = (town.goods_of(shop) for shop in town.shops)
    buyer = town.buyers[0]
    asked = a_checkout(
        ids, buyer, [(a[0], 1), (b[0], 5), (c[0], 1), (a[1], 2)], notes={town.shops[0]: "no bag"}
    )
    placed = await PlaceOrders(pool, ids, TERMS)(asked)
    assert isinstance(placed, Placed)
    rows = [await order_row(pool, each) for each in placed.order_ids]
    assert [row["shop_id"] for row in rows] == town.shops
    assert [row["freight_minor"] for row in rows] == [800, 0, 800]
    assert [row["note"] for row in rows] == ["no bag", "", ""]
    assert sum(row["amount_minor"] for row in rows) == placed.amount_minor
    assert {row["payment_id"] for row in rows} == {placed.payment_id}
    assert {cell_of(placed.checkout_id), cell_of(placed.payment_id)} == {cell_of(buyer.account_id)}
    assert [cell_of(each) for each in placed.order_ids] == [cell_of(shop) for shop in town.shops]
    assert rows[0]["address"]["city"] == "Singapore"
    assert await stock_of(pool, a[1]) == (98, 2, 0)


async def test_a_shop_may_have_its_own_fee(pool: Pool, ids: IdMaker) -> None:
    for fee_bp, wanted in ((None, TERMS.fee_bp), (0, 0), (250, 250)):
        town = await a_town(pool, ids, fee_bp=fee_bp)
        placed = await PlaceOrders(pool, ids, TERMS)(a_checkout(ids, town.buyers[0], town.goods[0]))
        assert isinstance(placed, Placed)
        assert (await order_row(pool, placed.order_ids[0]))["fee_bp"] == wanted


@pytest.mark.parametrize(
    ("_case", "change", "refusal"),
    [
        ("quantity 0", {"quantity": 0}, QuantityInvalid),
        ("quantity -1", {"quantity": -1}, QuantityInvalid),
        ("quantity 10^9", {"quantity": 10**9}, QuantityInvalid),
        ("quantity beyond any column", {"quantity": 2**80}, QuantityInvalid),
        ("more than there is", {"quantity": 101}, StockShort),
        ("an unknown SKU", {"sku_id": SkuId(12)}, SkuGone),
        ("another price", {"price_minor": 1}, PriceChanged),
        ("a price beyond any column", {"price_minor": 2**80}, PriceChanged),
        ("a price below nothing", {"price_minor": -1}, PriceChanged),
    ],
)
async def test_a_line_at_fault_is_told_and_nothing_is_done(
    pool: Pool, ids: IdMaker, _case: str, change: dict[str, Any], refusal: type
) -> None:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], [(town.goods[0], 1), (town.goods[2], 1)])
    bad = LineAsked(
        **{
            "sku_id": asked.lines[1].sku_id,
            "quantity": 1,
            "price_minor": asked.lines[1].price_minor,
            **change,
        }
    )
    refused = await PlaceOrders(pool, ids, TERMS)(replace(asked, lines=[asked.lines[0], bad]))
    assert isinstance(refused, Refused)
    (told,) = refused.refusals
    assert isinstance(told, refusal)
    assert str(told.field).startswith("lines[1].")
    assert await count_orders(pool, asked.buyer_id) == 0
    assert await stock_of(pool, town.goods[0]) == (100, 0, 0)


@pytest.mark.parametrize(
    ("state", "refusal"), [("open", None), ("holiday", ShopClosed), ("closed", ShopClosed)]
)
async def test_a_shop_on_holiday_takes_no_orders(
    pool: Pool, ids: IdMaker, state: str, refusal: type | None
) -> None:
    town = await a_town(pool, ids, state=state)
    answer = await PlaceOrders(pool, ids, TERMS)(a_checkout(ids, town.buyers[0], town.goods[0]))
    if refusal:
        assert isinstance(answer, Refused)
        assert isinstance(answer.refusals[0], refusal)
    else:
        assert isinstance(answer, Placed)


async def test_an_address_that_is_not_mine_is_refused(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    mine, other = town.buyers
    place_orders = PlaceOrders(pool, ids, TERMS)
    for address in (other.address_id, AddressId(ids.make(cell_of(mine.account_id)))):
        refused = await place_orders(a_checkout(ids, mine, town.goods[0], address_id=address))
        assert isinstance(refused, Refused)
        assert isinstance(refused.refusals[0], AddressUnknown)
    await pool.execute("UPDATE address SET deleted_at = $2 WHERE id = $1", mine.address_id, NOON)
    assert isinstance(await place_orders(a_checkout(ids, mine, town.goods[0])), Refused)


async def test_a_delisted_product_and_a_foreign_price_are_told_together(
    pool: Pool, ids: IdMaker
) -> None:
    town = await a_town(pool, ids)
    await pool.execute("UPDATE sku SET on_sale = false WHERE id = $1", town.goods[0].sku_id)
    await pool.execute("UPDATE sku SET price_minor = 1 WHERE id = $1", town.goods[3].sku_id)
    asked = a_checkout(ids, town.buyers[0], [(goods, 1) for goods in town.goods])
    refused = await PlaceOrders(pool, ids, TERMS)(asked)
    assert isinstance(refused, Refused)
    assert [(type(each), each.field) for each in refused.refusals] == [
        (SkuGone, "lines[0].sku_id"),
        (PriceChanged, "lines[3].price_minor"),
    ]


# Keys ------------------------------------------------------------------------------------------


async def test_a_key_used_again_gets_the_first_answer(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    place_orders = PlaceOrders(pool, ids, TERMS)
    asked = a_checkout(ids, town.buyers[0], [(goods, 1) for goods in town.goods])
    first = await place_orders(asked)
    again = await place_orders(asked)
    assert isinstance(first, Placed)
    assert again == replace(first, is_repeat=True)
    assert await count_orders(pool, asked.buyer_id) == 2
    # Even when it could not be had any more: the first answer stands.
    await pool.execute("UPDATE sku SET on_sale = false WHERE shop_id = ANY ($1)", town.shops)
    assert await place_orders(asked) == again


async def test_a_key_used_for_something_else_is_refused(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    place_orders = PlaceOrders(pool, ids, TERMS)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    assert isinstance(await place_orders(asked), Placed)
    other = a_checkout(ids, town.buyers[0], town.goods[1], key=asked.key, request_hash=b"other")
    refused = await place_orders(other)
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusals[0], KeyReused)
    assert await count_orders(pool, asked.buyer_id) == 1


async def test_two_buyers_may_use_the_same_key(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    place_orders = PlaceOrders(pool, ids, TERMS)
    answers = await asyncio.gather(
        *(place_orders(a_checkout(ids, buyer, town.goods[0], key="k")) for buyer in town.buyers)
    )
    assert all(isinstance(each, Placed) and not each.is_repeat for each in answers)


async def test_a_refused_key_may_be_tried_again(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, stock=0)
    place_orders = PlaceOrders(pool, ids, TERMS)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    assert isinstance(await place_orders(asked), Refused)
    await pool.execute(
        "WITH moved AS (INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity,"
        " occurred_at) SELECT cell, sku_id, warehouse_id, 'receive', 1, $2 FROM stock"
        " WHERE sku_id = $1) UPDATE stock SET on_hand = 1, received = 1 WHERE sku_id = $1",
        town.goods[0].sku_id,
        NOON,
    )
    assert isinstance(await place_orders(asked), Placed)


async def test_the_same_key_twice_in_one_batch_has_one_effect(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    asked = a_checkout(ids, town.buyers[0], town.goods[0])
    other = replace(asked, request_hash=b"other")
    batch = [asked, asked, other, asked]
    answers = await committed(pool, lambda tx: place(tx, batch, ids, TERMS))
    first = answers[0]
    assert isinstance(first, Placed)
    assert answers[1] == answers[3] == replace(first, is_repeat=True)
    assert isinstance(answers[2], Refused)
    assert isinstance(answers[2].refusals[0], KeyReused)
    assert await count_orders(pool, asked.buyer_id) == 1
    assert await stock_of(pool, town.goods[0]) == (99, 1, 0)


async def test_a_bad_checkout_never_fails_its_neighbours(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, buyers=9)
    place_orders = PlaceOrders(pool, ids, TERMS)
    good = [a_checkout(ids, buyer, town.goods[0]) for buyer in town.buyers]
    bad: list[CheckoutAsked] = [
        replace(good[0], key="a\0b"),  # no text column can keep it
        replace(good[0], key="over", buyer_id=AccountId(2**70)),
        replace(good[0], key="none", lines=[]),
    ]
    answers = await asyncio.gather(
        *(place_orders(each) for each in [*bad, *good]), return_exceptions=True
    )
    assert isinstance(answers[0], Exception)
    assert isinstance(answers[1], Exception)
    assert isinstance(answers[2], Refused)
    assert all(isinstance(each, Placed) for each in answers[3:])


async def test_nothing_is_booked_before_money_comes(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids)
    await PlaceOrders(pool, ids, TERMS)(a_checkout(ids, town.buyers[0], town.goods[0]))
    shop = town.shops[0]
    assert await balance_of(pool, "escrow", shop, cell=cell_of(shop)) == 0
