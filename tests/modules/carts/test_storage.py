"""Carts in PostgreSQL: adding up, limits, joining after sign-in, forgetting visitors."""

from datetime import timedelta

import pytest

from jishi.db import Tx
from jishi.kit.ids import IdMaker, SkuId
from jishi.modules import carts
from jishi.modules.carts import LINES_MAX, QUANTITY_MAX, CartFull, CartOwner, service
from jishi.modules.carts.rules import summed
from tests.support.makers import NOON


def an_account(ids: IdMaker) -> CartOwner:
    return CartOwner(ids.make(7), is_visitor=False)


def a_visitor(ids: IdMaker) -> CartOwner:
    return CartOwner(ids.make(200), is_visitor=True)


def a_sku(ids: IdMaker) -> SkuId:
    return SkuId(ids.make(31))


async def put(tx: Tx, owner: CartOwner, sku_id: SkuId, quantity: int = 1, price: int = 500) -> int:
    return await carts.add_line(tx, owner, sku_id, quantity=quantity, price_minor=price, now=NOON)


async def test_the_same_sku_adds_up_and_is_seen_at_its_new_price(tx: Tx, ids: IdMaker) -> None:
    owner, sku_id = an_account(ids), a_sku(ids)
    await put(tx, owner, sku_id, 2, 500)
    assert await put(tx, owner, sku_id, 3, 450) == 5
    (line,) = await carts.list_lines(tx, owner)
    assert (line.quantity, line.seen_minor, line.is_chosen) == (5, 450, True)


@pytest.mark.parametrize(("before", "more"), [(1, 1), (9_998, 1), (9_999, 9_999), (5_000, 5_000)])
async def test_sql_adds_as_the_rule_does(tx: Tx, ids: IdMaker, before: int, more: int) -> None:
    owner, sku_id = an_account(ids), a_sku(ids)
    await put(tx, owner, sku_id, before)
    assert await put(tx, owner, sku_id, more) == summed(before, more)


async def test_a_full_cart_refuses_new_things_and_takes_more_of_the_old(
    tx: Tx, ids: IdMaker
) -> None:
    owner = an_account(ids)
    skus = [a_sku(ids) for _ in range(LINES_MAX)]
    for sku_id in skus:
        await put(tx, owner, sku_id)
    with pytest.raises(CartFull):
        await put(tx, owner, a_sku(ids))
    assert await put(tx, owner, skus[0]) == 2
    assert await carts.count_lines(tx, owner) == LINES_MAX


async def test_lines_are_saved_together_and_strangers_are_passed_over(tx: Tx, ids: IdMaker) -> None:
    owner, first, second = an_account(ids), a_sku(ids), a_sku(ids)
    await put(tx, owner, first)
    await put(tx, owner, second)
    changes = [(first, 4, False), (second, 1, True), (a_sku(ids), 9, True)]
    await carts.save_lines(tx, owner, changes, now=NOON)
    stand = {
        line.sku_id: (line.quantity, line.is_chosen) for line in await carts.list_lines(tx, owner)
    }
    assert stand == {first: (4, False), second: (1, True)}


async def test_one_cart_is_not_anothers(tx: Tx, ids: IdMaker) -> None:
    mine, theirs, sku_id = an_account(ids), an_account(ids), a_sku(ids)
    await put(tx, mine, sku_id)
    assert await carts.remove_lines(tx, theirs, [sku_id]) == 0
    await carts.save_lines(tx, theirs, [(sku_id, 7, True)], now=NOON)
    assert [line.quantity for line in await carts.list_lines(tx, mine)] == [1]
    assert await carts.list_lines(tx, theirs) == []


async def test_a_visitors_cart_joins_the_accounts_once(tx: Tx, ids: IdMaker) -> None:
    visitor, account = a_visitor(ids), an_account(ids)
    both, only_visitor, only_account = a_sku(ids), a_sku(ids), a_sku(ids)
    await put(tx, visitor, both, 2)
    await put(tx, visitor, only_visitor, 1)
    await put(tx, account, both, 3)
    await put(tx, account, only_account, 1)
    for _ in range(2):
        await carts.join(tx, visitor, account, now=NOON)
    stand = {line.sku_id: line.quantity for line in await carts.list_lines(tx, account)}
    assert stand == {both: 5, only_visitor: 1, only_account: 1}
    assert await carts.list_lines(tx, visitor) == []


async def test_joining_keeps_the_bounds(tx: Tx, ids: IdMaker) -> None:
    visitor, account = a_visitor(ids), an_account(ids)
    shared = a_sku(ids)
    await put(tx, account, shared, QUANTITY_MAX)
    for _ in range(LINES_MAX - 2):
        await put(tx, account, a_sku(ids))
    await put(tx, visitor, shared, 5)
    for _ in range(4):
        await put(tx, visitor, a_sku(ids))
    await carts.join(tx, visitor, account, now=NOON)
    lines = await carts.list_lines(tx, account)
    assert len(lines) == LINES_MAX
    assert max(line.quantity for line in lines) == QUANTITY_MAX


async def test_only_visitors_old_lines_are_forgotten(tx: Tx, ids: IdMaker) -> None:
    visitor, account = a_visitor(ids), an_account(ids)
    await put(tx, visitor, a_sku(ids))
    await put(tx, account, a_sku(ids))
    assert await service.forget_visitors(tx, now=NOON + timedelta(days=59)) == 0
    assert await service.forget_visitors(tx, now=NOON + timedelta(days=61)) >= 1
    assert await carts.count_lines(tx, visitor) == 0
    assert await carts.count_lines(tx, account) == 1
