from datetime import timedelta
from random import Random

import asyncpg
import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows import withdraw
from jishi.flows.refund_orders import Goods, RefundAsked, RefundLine, refund
from jishi.flows.score_shops.flow import set_terms
from jishi.flows.withdraw import storage
from jishi.kit.errors import Refusal
from jishi.kit.ids import IdMaker, OrderId, ShopId, cell_of
from jishi.modules.aftersale import Deed, Side
from jishi.modules.payouts import Limits, State, Withdrawal, rules, service
from jishi.modules.payouts.types import (
    AccountCooling,
    AccountInUse,
    AccountNotFound,
    AccountTwice,
    AccountUnverified,
    BeyondWithdrawable,
    NothingToApprove,
    SamePerson,
    SecondMissing,
    Settled,
    ShopOwes,
    WithdrawalMoved,
    WithdrawalNotFound,
)
from jishi.modules.scores import settlement_days
from tests.support.aftersale import an_open_case, does
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    Town,
    a_town,
    at_once,
    balance_of,
    committed,
    events_of,
)
from tests.support.payouts import (
    LIMITS,
    MANAGER,
    OPERATOR,
    OWNER,
    a_bank_account,
    add_account,
    asked,
    earned,
    set_days,
    wish,
)

pytestmark = pytest.mark.usefixtures("sound")
LATER = NOON + timedelta(days=30)
# What a case asks, whatever the order was worth.
ASKS = "UPDATE aftersale_case SET amount_minor = $2 WHERE id = $1"


async def a_rich_shop(
    pool: Pool, ids: IdMaker, *, pieces: int = 10, fee_bp: int = 100
) -> tuple[Town, ShopId, int, int]:
    """Town, shop, its proved account, what it may withdraw at LATER."""
    town = await a_town(pool, ids, shops=1, fee_bp=fee_bp, price_minor=1_000)
    shop_id = town.shops[0]
    async with transaction(pool) as tx:
        await earned(tx, ids, town, pieces=pieces)
        account_id = await a_bank_account(tx, ids, shop_id)
    amount = pieces * 1_000
    return town, shop_id, account_id, amount - amount * fee_bp // 10_000


async def payable(pool: Pool, shop_id: ShopId) -> int:
    return await balance_of(pool, "payable:shop", shop_id, cell=cell_of(shop_id))


async def clearing(pool: Pool, it: Withdrawal) -> list[int]:
    rows = await pool.fetch(
        "SELECT kind FROM ledger_transfer WHERE cell = $1 AND subject_id = $2 ORDER BY id",
        cell_of(it.id), it.id,
    )  # fmt: skip
    return [row["kind"] for row in rows]


async def test_money_waits_its_days_and_leaves_on_asking(pool: Pool, ids: IdMaker) -> None:
    _, shop_id, account_id, amount = await a_rich_shop(pool, ids)
    for days, free in [(7, 0), (3, 0), (0, amount)]:
        await pool.execute("DELETE FROM settlement_terms WHERE shop_id = $1", shop_id)
        await set_days(pool, shop_id, days)
        async with transaction(pool) as tx:
            at = await withdraw.standing(tx, shop_id, now=NOON + timedelta(hours=1))
        assert (at.withdrawable_minor, at.in_cycle_minor, at.days) == (free, amount - free, days)
    it = await committed(
        pool, lambda tx: asked(tx, ids, wish(ids, shop_id, account_id, amount, now=LATER))
    )
    assert it.state is State.APPROVED
    assert await payable(pool, shop_id) == 0
    async with transaction(pool) as tx:
        at = await withdraw.standing(tx, shop_id, now=LATER)
    assert (at.withdrawable_minor, at.on_way_minor) == (0, amount)
    assert await clearing(pool, it) == ["withdraw"]
    assert await events_of(pool, it.id) == ["payouts.asked"]
    again = wish(ids, shop_id, account_id, amount, now=LATER, key=str(it.id))
    assert await committed(pool, lambda tx: asked(tx, ids, again)) == it


async def test_of_two_who_ask_for_everything_one_gets_it(pool: Pool, ids: IdMaker) -> None:
    _, shop_id, account_id, amount = await a_rich_shop(pool, ids)

    async def one(tx: Tx) -> Withdrawal | Refusal:
        try:
            return await asked(tx, ids, wish(ids, shop_id, account_id, amount, now=LATER))
        except Refusal as no:
            return no

    said = await at_once(pool, *[one] * 6)
    won = [it for it in said if isinstance(it, Withdrawal)]
    assert len(won) == 1
    assert {type(it) for it in said if it is not won[0]} == {BeyondWithdrawable}
    assert await payable(pool, shop_id) == 0


async def test_the_same_wish_at_once_takes_effect_once(pool: Pool, ids: IdMaker) -> None:
    _, shop_id, account_id, amount = await a_rich_shop(pool, ids)
    wishes = [
        wish(ids, shop_id, account_id, amount // 3, now=LATER, key="the same") for _ in range(6)
    ]
    said = await at_once(pool, *[lambda tx, it=it: asked(tx, ids, it) for it in wishes])
    assert len({it.id for it in said}) == 1
    assert await payable(pool, shop_id) == amount - amount // 3


async def test_a_refund_and_a_withdrawal_at_once_never_take_the_same_money(
    pool: Pool, ids: IdMaker
) -> None:
    for _ in range(5):
        town, shop_id, account_id, amount = await a_rich_shop(pool, ids)
        order_id = await committed(pool, lambda tx, t=town: earned(tx, ids, t, pieces=4))

        async def back(tx: Tx, order_id: OrderId = order_id) -> object:
            return await refund(
                tx,
                [RefundAsked(order_id=order_id, actor="shop", at=LATER, why="other", goods=Goods.KEPT,
                    lines=[RefundLine(line=1, quantity=4)])],
                ids, confirm_after=CONFIRM_AFTER,
            )  # fmt: skip

        async def out(
            tx: Tx, shop_id: ShopId = shop_id, account_id: int = account_id, amount: int = amount
        ) -> object:
            total = amount + 4 * 1_000 * 99 // 100
            try:
                return await asked(tx, ids, wish(ids, shop_id, account_id, total, now=LATER))
            except BeyondWithdrawable:
                return None

        said = await at_once(pool, back, out)
        cell = cell_of(shop_id)
        left = await balance_of(pool, "payable:shop", shop_id, cell=cell)
        owed = -await balance_of(pool, "receivable:shop", shop_id, cell=cell)
        # either the refund came first and the withdrawal was refused, or the shop now owes it
        assert (left, owed) == ((0, 4 * 990) if said[1] else (amount, 0))


async def test_debts_come_first(pool: Pool, ids: IdMaker) -> None:
    town, shop_id, account_id, amount = await a_rich_shop(pool, ids)

    async def take(minor: int) -> Withdrawal:
        it = wish(ids, shop_id, account_id, minor, now=LATER)
        return await committed(pool, lambda tx: asked(tx, ids, it))

    order_id = await committed(pool, lambda tx: earned(tx, ids, town, pieces=11))
    await take(amount + 11 * 990)
    back = RefundAsked(
        order_id=order_id, actor="shop", at=LATER, why="other", goods=Goods.KEPT,
        lines=[RefundLine(line=1, quantity=11)],
    )  # fmt: skip
    await committed(pool, lambda tx: refund(tx, [back], ids, confirm_after=CONFIRM_AFTER))
    await committed(pool, lambda tx: earned(tx, ids, town, pieces=10))
    with pytest.raises(ShopOwes):
        await take(100)
    # the clock sets off what there is
    async with transaction(pool) as tx:
        assert shop_id in await storage.list_owing(tx, limit=100_000)
        assert await withdraw.offset_shops(tx, [shop_id], ids, now=LATER) == 1
        assert shop_id not in await storage.list_owing(tx, limit=100_000)
    assert await payable(pool, shop_id) == 0
    # later earnings settle the rest, within the withdrawal itself
    await committed(pool, lambda tx: earned(tx, ids, town, pieces=2))
    with pytest.raises(BeyondWithdrawable):
        await take(991)
    await take(990)
    assert await balance_of(pool, "receivable:shop", shop_id, cell=cell_of(shop_id)) == 0
    assert await payable(pool, shop_id) == 0


@pytest.mark.parametrize(
    ("_case", "refusal"),
    [("unproved", AccountUnverified), ("cooling", AccountCooling), ("other", AccountNotFound)],
)
async def test_accounts_money_never_goes_to(
    pool: Pool, ids: IdMaker, _case: str, refusal: type[Refusal]
) -> None:
    _, shop_id, _, _ = await a_rich_shop(pool, ids)
    async with transaction(pool) as tx:
        if _case == "unproved":
            account_id = await add_account(tx, ids, shop_id, number="6222020200005678")
        elif _case == "cooling":
            account_id = await a_bank_account(
                tx, ids, shop_id, number="6222020200005678", now=LATER
            )
        else:
            other = (await a_town(tx, ids, shops=1)).shops[0]
            account_id = await a_bank_account(tx, ids, other)
    with pytest.raises(refusal):
        await committed(
            pool, lambda tx: asked(tx, ids, wish(ids, shop_id, account_id, 100, now=LATER))
        )


async def test_a_number_is_kept_once_and_an_account_in_use_stays(pool: Pool, ids: IdMaker) -> None:
    _, shop_id, account_id, amount = await a_rich_shop(pool, ids)
    with pytest.raises(AccountTwice):
        await committed(pool, lambda tx: add_account(tx, ids, shop_id))
    it = await committed(
        pool, lambda tx: asked(tx, ids, wish(ids, shop_id, account_id, amount, now=LATER))
    )
    with pytest.raises(AccountInUse):
        await committed(pool, lambda tx: service.remove_account(tx, shop_id, account_id, now=LATER))
    async with transaction(pool) as tx:
        await withdraw.refuse(tx, shop_id, it.id, actor_id=OWNER, why="withdrawn", now=LATER)
        await service.remove_account(tx, shop_id, account_id, now=LATER)
        await add_account(tx, ids, shop_id, now=LATER)


async def test_above_the_limits_more_people_agree(pool: Pool, ids: IdMaker) -> None:
    _, shop_id, account_id, _ = await a_rich_shop(pool, ids)
    limits = Limits(least_minor=1, second_from_minor=1_000, operator_from_minor=3_000)

    async def take(minor: int, **changes: object) -> Withdrawal:
        it = wish(ids, shop_id, account_id, minor, now=LATER, **changes)
        return await committed(pool, lambda tx: asked(tx, ids, it, limits=limits))

    small = await take(1_000)
    assert (small.state, small.needs_second) == (State.APPROVED, False)
    second = await take(1)  # the sum of the day counts
    assert (second.state, second.needs_second, second.needs_operator) == (State.ASKED, True, False)
    async with transaction(pool) as tx:
        with pytest.raises(SamePerson):
            await withdraw.approve(tx, shop_id, second.id, actor_id=OWNER, now=LATER)
        with pytest.raises(NothingToApprove):
            await withdraw.pass_on(tx, second.id, operator_id=OPERATOR, now=LATER)
        done = await withdraw.approve(tx, shop_id, second.id, actor_id=MANAGER, now=LATER)
        assert (done.state, done.seconded_by) == (State.APPROVED, MANAGER)
        with pytest.raises(WithdrawalMoved):
            await withdraw.approve(tx, shop_id, second.id, actor_id=MANAGER, now=LATER)
        with pytest.raises(WithdrawalNotFound):
            await withdraw.approve(tx, ShopId(ids.make(9)), second.id, actor_id=MANAGER, now=LATER)
    large = await take(2_500)
    async with transaction(pool) as tx:
        with pytest.raises(SecondMissing):
            await withdraw.pass_on(tx, large.id, operator_id=OPERATOR, now=LATER)
        half = await withdraw.approve(tx, shop_id, large.id, actor_id=MANAGER, now=LATER)
        assert half.state is State.ASKED
        done = await withdraw.pass_on(tx, large.id, operator_id=OPERATOR, now=LATER)
        assert (done.state, done.passed_by) == (State.APPROVED, OPERATOR)
    noted = await pool.fetchval("SELECT action FROM audit WHERE subject = $1", str(large.id))
    assert noted == "payout.passed"


async def test_a_manager_prepares_and_the_owner_asks(pool: Pool, ids: IdMaker) -> None:
    _, shop_id, account_id, amount = await a_rich_shop(pool, ids)
    limits = Limits(least_minor=1, second_from_minor=10)
    it = wish(ids, shop_id, account_id, 500, now=LATER, actor_id=MANAGER, is_owner=False)
    made = await committed(pool, lambda tx: asked(tx, ids, it, limits=limits))
    assert made.state is State.PREPARED
    assert await payable(pool, shop_id) == amount  # nothing is reserved yet
    async with transaction(pool) as tx:
        done = await withdraw.ask_prepared(
            tx,
            shop_id,
            made.id,
            actor_id=OWNER,
            day_start=NOON,
            now=LATER,
            maker=ids,
            limits=limits,
        )
    # two people have seen it: it needs no third
    assert (done.state, done.asked_by, done.seconded_by) == (State.APPROVED, OWNER, MANAGER)
    with pytest.raises(WithdrawalMoved):
        async with transaction(pool) as tx:
            await withdraw.ask_prepared(
                tx, shop_id, made.id, actor_id=OWNER, day_start=NOON, now=LATER, maker=ids
            )
    assert await payable(pool, shop_id) == amount - 500


async def test_what_is_called_off_is_the_shops_again(pool: Pool, ids: IdMaker) -> None:
    _, shop_id, account_id, amount = await a_rich_shop(pool, ids)
    limits = Limits(least_minor=1, second_from_minor=10)
    first, second, third = [
        await committed(
            pool,
            lambda tx, at=at: asked(
                tx, ids, wish(ids, shop_id, account_id, 700, now=at), limits=limits
            ),
        )
        for at in (LATER, LATER, LATER + timedelta(days=6))
    ]
    async with transaction(pool) as tx:
        await withdraw.refuse(tx, shop_id, first.id, actor_id=OWNER, why="withdrawn", now=LATER)
        with pytest.raises(WithdrawalMoved):
            await withdraw.refuse(tx, shop_id, first.id, actor_id=OWNER, why="withdrawn", now=LATER)
        await withdraw.approve(tx, shop_id, second.id, actor_id=MANAGER, now=LATER)
        await withdraw.refuse(tx, None, second.id, actor_id=OPERATOR, why="Odd hour", now=LATER)
    async with transaction(pool) as tx:
        while await withdraw.lapse(tx, now=LATER + timedelta(days=14), limit=100):
            pass
        lapsed = await service.get_withdrawal(tx, shop_id, third.id)
    assert (lapsed.state, lapsed.why) == (State.REFUSED, "not_approved")
    assert await payable(pool, shop_id) == amount
    assert await clearing(pool, third) == ["withdraw", "withdraw_failed"]


async def test_an_open_case_keeps_its_amount(pool: Pool, ids: IdMaker) -> None:
    town, shop_id, _, amount = await a_rich_shop(pool, ids)
    order_id = await committed(pool, lambda tx: earned(tx, ids, town, pieces=2))

    async def free() -> int:
        async with transaction(pool) as tx:
            return (await withdraw.standing(tx, shop_id, now=LATER)).withdrawable_minor

    whole = amount + 1_980
    assert await free() == whole
    case = await committed(pool, lambda tx: an_open_case(tx, ids, town, order_id))
    for minor, kept in [(700, 700), (9_999_999, 1_980)]:
        await pool.execute(ASKS, case.id, minor)
        assert await free() == whole - kept
    async with transaction(pool) as tx:
        await does(tx, ids, case, Deed.WITHDRAW, Side.BUYER, version=case.version)
    assert await free() == whole


async def test_the_statement_says_what_the_rule_says(tx: Tx, ids: IdMaker) -> None:
    chance = Random(11)
    for _ in range(12):
        town = await a_town(tx, ids, shops=1, fee_bp=chance.choice([0, 60, 333]), price_minor=997)
        shop_id, days = town.shops[0], chance.choice([None, 0, 1, 3, 15])
        if days is not None:
            await set_days(tx, shop_id, days)
        orders = []
        for _ in range(chance.randint(1, 6)):
            at = NOON - timedelta(days=chance.choice([0, 1, 3, 7, 15, 20]))
            order_id = await earned(tx, ids, town, pieces=chance.randint(1, 4), at=at)
            orders.append(order_id)
            if chance.random() < 0.4:
                await refund(
                    tx,
                    [RefundAsked(order_id=order_id, actor="shop", at=NOON, why="other", goods=Goods.KEPT,
                        lines=[RefundLine(line=1, quantity=0, amount_minor=chance.randint(1, 996))])],
                    ids, confirm_after=CONFIRM_AFTER,
                )  # fmt: skip
            if chance.random() < 0.4:
                case = await an_open_case(tx, ids, town, order_id, at=at)
                await tx.execute(ASKS, case.id, chance.randint(1, 5_000))
        rows = await tx.fetch(
            "SELECT o.closed_at, o.amount_minor - o.refunded_minor - o.fee_minor AS net_minor,"
            " coalesce((SELECT sum(amount_minor) FROM aftersale_case h WHERE h.order_id = o.id), 0)::int"
            " AS held_minor FROM sale_order o WHERE o.shop_id = $1 AND state = 100",
            shop_id,
        )
        cell = cell_of(shop_id)
        want = rules.standing(
            payable_minor=await balance_of(tx, "payable:shop", shop_id, cell=cell),
            owed_minor=-await balance_of(tx, "receivable:shop", shop_id, cell=cell),
            days=7 if days is None else days,
            orders=[Settled(**row) for row in rows],
            on_way_minor=0,
            now=NOON,
        )
        assert await withdraw.standing(tx, shop_id, now=NOON) == want
        released = await withdraw.releases(
            tx, shop_id, days=want.days, now=NOON, zone="Asia/Shanghai"
        )
        assert sum(it.minor for it in released) == want.in_cycle_minor


async def test_the_tables_refuse_what_the_rules_would(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1)
    shop_id = town.shops[0]
    await earned(tx, ids, town, pieces=3)
    account_id = await a_bank_account(tx, ids, shop_id)
    it = await asked(tx, ids, wish(ids, shop_id, account_id, 100, now=LATER), limits=LIMITS)
    for broken in (
        "UPDATE withdrawal SET state = 'paid' WHERE id = $1",
        "UPDATE withdrawal SET needs_second = true WHERE id = $1",
        "UPDATE withdrawal SET seconded_by = asked_by WHERE id = $1",
        "UPDATE withdrawal SET amount_minor = 0 WHERE id = $1",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            async with tx.transaction():
                await tx.execute(broken, it.id)


async def test_terms_are_written_only_when_they_change(tx: Tx, ids: IdMaker) -> None:
    shops = (await a_town(tx, ids, shops=2)).shops
    await service.set_terms(tx, {shops[0]: 3, shops[1]: 15}, now=NOON)
    await service.set_terms(tx, {shops[0]: 3, shops[1]: 0}, now=NOON + timedelta(days=1))
    rows = await tx.fetch(
        "SELECT shop_id, days FROM settlement_terms WHERE shop_id = ANY ($1) ORDER BY shop_id, since",
        shops,
    )
    assert [tuple(row) for row in rows] == sorted(
        [(shops[0], 3), (shops[1], 15), (shops[1], 0)], key=lambda it: it[0]
    )


async def test_the_figure_costs_what_the_cycle_holds_and_no_more(tx: Tx, ids: IdMaker) -> None:
    """Old orders are not looked at: their money is in the account already."""
    town = await a_town(tx, ids, shops=1, stock=10_000)
    shop_id = town.shops[0]
    for days in [0] * 3 + [60] * 40:
        await earned(tx, ids, town, at=NOON - timedelta(days=days))
    await tx.execute("ANALYZE sale_order")
    counted = (
        "SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'sale_order'"
    )
    before = await tx.fetchrow(counted)
    at = await withdraw.standing(tx, shop_id, now=NOON + timedelta(days=1))
    after = await tx.fetchrow(counted)
    assert at.in_cycle_minor == 3 * (1_999 - 1_999 * 60 // 10_000)
    assert after["seq_scan"] == before["seq_scan"]
    assert after["idx_tup_fetch"] - before["idx_tup_fetch"] == 3


async def test_the_days_score_sets_the_cycle(pool: Pool, ids: IdMaker) -> None:
    """Scored with nothing to go by: a shop keeps the cycle of new ones; a better one is freed at once."""
    _, shop_id, _, amount = await a_rich_shop(pool, ids)
    day = NOON.date()
    for score, days in [(None, 7), (100, settlement_days(100, "business"))]:
        async with transaction(pool) as tx:
            await tx.execute("UPDATE shop SET kind = 'business' WHERE id = $1", shop_id)
            await tx.execute("DELETE FROM shop_score WHERE shop_id = $1", shop_id)
            await tx.execute(
                "INSERT INTO shop_score (cell, shop_id, day, formula, score, figures, made_at)"
                " VALUES ($1, $2, $3, 1, $4, '{}', $5)",
                cell_of(shop_id), shop_id, day, score, NOON,
            )  # fmt: skip
            await set_terms(tx, [shop_id], day, now=NOON + timedelta(seconds=score or 0))
            at = await withdraw.standing(tx, shop_id, now=NOON + timedelta(hours=1))
        assert at.days == days
    assert at.withdrawable_minor == (amount if days == 0 else 0)
