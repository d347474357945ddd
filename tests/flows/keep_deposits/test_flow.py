"""Deposits: paid in, asked for, in time or not, and given back; every move stands in the ledger."""

import asyncio
from datetime import timedelta

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows.keep_deposits import flow
from jishi.flows.keep_deposits.types import CasesOpen, NameUnlike, OrdersOpen
from jishi.kit.ids import AccountId, IdMaker, cell_of
from jishi.modules import deposits
from jishi.modules.deposits import AmountInvalid, NotEarned
from jishi.modules.deposits.types import ReferenceTaken
from jishi.modules.shops.types_applications import PaperUnknown
from tests.support.invariants import Sound
from tests.support.makers import NOON, Town, a_town, an_order
from tests.support.standing import a_case, a_paper, balances, be_kind, deduction, pay_in, shop_state

ME = AccountId(101 << 14)
BASE = 100_000  # of a business; source: migration 0144


async def a_business(tx: Tx, ids: IdMaker) -> Town:
    town = await a_town(tx, ids, shops=1, skus=1, buyers=1)
    await be_kind(tx, town.shops[0], "business")
    return town


async def earned(tx: Tx, ids: IdMaker, town: Town) -> int:
    await an_order(tx, ids, town, until="completed", pieces=5)
    return -(await balances(tx, town.shops[0]))["payable:shop"]


async def test_earnings_pay_the_deposit_and_no_more_than_was_earned(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_business(tx, ids)
    shop, has = town.shops[0], await earned(tx, ids, town)
    with pytest.raises(NotEarned):
        await flow.pay_from_earnings(
            tx, shop, has + 1, actor_id=ME, ids=ids, currency="CNY", now=NOON
        )
    with pytest.raises(AmountInvalid):
        await flow.pay_from_earnings(tx, shop, 0, actor_id=ME, ids=ids, currency="CNY", now=NOON)
    await flow.pay_from_earnings(tx, shop, has, actor_id=ME, ids=ids, currency="CNY", now=NOON)
    assert await balances(tx, shop) == {"deposit:shop": -has}
    await sound(tx)


async def test_two_payments_at_once_cannot_spend_the_same_earnings(
    pool: Pool, ids: IdMaker
) -> None:
    async with transaction(pool) as tx:
        town = await a_business(tx, ids)
        has = await earned(tx, ids, town)

    async def pay() -> bool:
        try:
            async with transaction(pool) as mine:
                await flow.pay_from_earnings(
                    mine, town.shops[0], has, actor_id=ME, ids=ids, currency="CNY", now=NOON
                )
        except NotEarned:
            return False
        return True

    assert sorted(await asyncio.gather(pay(), pay())) == [False, True]


async def test_a_bank_transfer_is_recorded_once_in_the_whole_market(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    first, second = (await a_business(tx, ids)).shops[0], (await a_business(tx, ids)).shops[0]
    paper, other = await a_paper(tx, ids, first, now=NOON), await a_paper(tx, ids, second, now=NOON)
    facts = {"operator_id": ME, "ids": ids, "now": NOON}
    reference = f"ICBC {ids.make(0)}"
    await flow.record_transfer(tx, first, 500, reference, paper, **facts)
    with pytest.raises(ReferenceTaken):
        await flow.record_transfer(tx, second, 500, f" {reference.lower()} ", other, **facts)
    with pytest.raises(PaperUnknown):
        await flow.record_transfer(tx, second, 500, "ICBC 2", paper, **facts)
    assert await balances(tx, first) == {"deposit:shop": -500}
    await sound(tx)


async def test_a_shop_that_does_not_pay_in_time_is_suspended_until_it_does(
    tx: Tx, ids: IdMaker
) -> None:
    shop = (await a_business(tx, ids)).shops[0]
    assert await deposits.refresh(tx, [shop], now=NOON) == {shop: BASE}
    assert await deposits.refresh(tx, [shop], now=NOON + timedelta(days=1)) == {}
    held = await deposits.deposit_of(tx, shop)
    assert (held.required_minor, held.due_at) == (BASE, NOON + timedelta(days=7))
    assert held.due_at
    assert shop not in await deposits.overdue(tx, now=held.due_at - timedelta(seconds=1))
    await flow.suspend_overdue(tx, now=held.due_at)
    assert await shop_state(tx, shop) == "suspended"
    await pay_in(tx, ids, shop, BASE - 1, now=NOON)
    assert await shop_state(tx, shop) == "suspended"
    await pay_in(tx, ids, shop, 1, now=NOON)
    assert await shop_state(tx, shop) == "open"


async def test_what_a_penalty_takes_is_asked_for_again(tx: Tx, ids: IdMaker) -> None:
    from jishi.flows.judge_shop import flow as judging

    shop = (await a_business(tx, ids)).shops[0]
    await deposits.refresh(tx, [shop], now=NOON)
    await pay_in(tx, ids, shop, BASE, now=NOON)
    case = await a_case(tx, ids, shop, deduction(3_000), operator_id=ME, now=NOON)
    later = NOON + timedelta(hours=48)
    await judging.pass_time(tx, case.id, ids=ids, now=later)
    held = await deposits.deposit_of(tx, shop)
    assert (held.held_minor, held.due_at) == (BASE - 3_000, later + timedelta(days=7))


async def test_a_closed_shop_gets_its_deposit_after_the_waiting_time_less_what_it_owes(
    tx: Tx, ids: IdMaker, sound: Sound
) -> None:
    town = await a_business(tx, ids)
    shop = town.shops[0]
    await pay_in(tx, ids, shop, 5_000, now=NOON)
    name = await tx.fetchval(
        "SELECT name FROM shop WHERE cell = $1 AND id = $2", cell_of(shop), shop
    )
    with pytest.raises(NameUnlike):
        await flow.close_shop(tx, shop, "another", now=NOON)
    due = await flow.close_shop(tx, shop, name, now=NOON)
    assert await shop_state(tx, shop) == "closed"
    assert not await tx.fetchval(
        "SELECT count(*) FROM product WHERE shop_id = $1 AND state = 'listed'", shop
    )
    assert shop not in await deposits.returnable(tx, now=due - timedelta(seconds=1))
    assert await flow.give_back(tx, shop, ids=ids, now=due)
    assert not await flow.give_back(tx, shop, ids=ids, now=due)
    assert await balances(tx, shop) == {"payable:shop": -5_000}
    await sound(tx)


async def test_a_shop_with_open_orders_or_cases_cannot_be_closed(tx: Tx, ids: IdMaker) -> None:
    town = await a_business(tx, ids)
    shop = town.shops[0]
    name = await tx.fetchval(
        "SELECT name FROM shop WHERE cell = $1 AND id = $2", cell_of(shop), shop
    )
    await a_case(tx, ids, shop, deduction(1), operator_id=ME, now=NOON)
    with pytest.raises(CasesOpen):
        await flow.close_shop(tx, shop, name, now=NOON)
    await an_order(tx, ids, await _open_again(tx, town), until="to_ship")
    with pytest.raises(OrdersOpen):
        await flow.close_shop(tx, shop, name, now=NOON)


async def _open_again(tx: Tx, town: Town) -> Town:
    """A refused closing would have been rolled back with its request."""
    await tx.execute("DELETE FROM shop_hold WHERE shop_id = $1", town.shops[0])
    await tx.execute("UPDATE shop SET state = 'open' WHERE id = $1", town.shops[0])
    return town
