"""Money that was paid out and comes back days later: found by news or by asking, once, with its own transfer."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.db import Pool, transaction
from jishi.flows import withdraw
from jishi.kit.ids import IdMaker, ShopId, cell_of
from jishi.modules.payouts import BankUnreachable, State, Withdrawal, service
from jishi.modules.payouts.provider import TransferAnswer, TransferStanding
from jishi.modules.payouts.sandbox_bank import open_sandbox_bank
from jishi.modules.payouts.types import (
    AccountState,
    AccountUnverified,
    BadSignature,
    NewsUnreadable,
    WithdrawalNotFound,
)
from tests.flows.withdraw.test_carry import LATER, approved, held, settle_all
from tests.sandbox.harness import KEY, Merchant, SandboxProcess
from tests.support.makers import balance_of, committed, events_of
from tests.support.payouts import (
    NUMBER,
    Bank,
    a_bank_account,
    add_account,
    asked,
    carry,
    found,
    wish,
)

pytestmark = pytest.mark.usefixtures("sound")
DAY = timedelta(days=1)
CLOSED = TransferAnswer(standing=TransferStanding.RETURNED, why="bank.account_closed")
BACK = TransferAnswer(standing=TransferStanding.RETURNED, why="returned")


async def paid(pool: Pool, ids: IdMaker, bank: Bank) -> Withdrawal:
    it = await approved(pool, ids)
    await settle_all(pool, bank, LATER)
    done = await found(pool, it)
    assert done.state is State.PAID
    return done


async def out(pool: Pool, shop_id: ShopId) -> int:
    return await balance_of(pool, "payout:sandbox", 0, cell=cell_of(shop_id))


async def hear(pool: Pool, it: Withdrawal, now: datetime) -> None:
    await committed(pool, lambda tx: withdraw.hear(tx, "sandbox", it.id, now=now))


async def test_money_that_comes_back_is_withdrawable_again(pool: Pool, ids: IdMaker) -> None:
    bank = Bank()
    it = await paid(pool, ids, bank)
    before = await out(pool, it.shop_id)
    bank.standings[it.id] = BACK
    await hear(pool, it, LATER + DAY)
    await settle_all(pool, bank, LATER + DAY)
    back = await found(pool, it)
    assert (back.state, back.why, back.ended_at, back.returned_at, back.retry_at) == (
        State.RETURNED, "returned", LATER, LATER + DAY, None,
    )  # fmt: skip
    assert await held(pool, it.shop_id) == 1_000
    assert before - await out(pool, it.shop_id) == it.amount_minor
    assert await events_of(pool, it.id) == ["payouts.asked", "payouts.paid", "payouts.returned"]
    async with transaction(pool) as tx:
        steps = [step.step for step in await service.steps_of(tx, it.id)]
        at = await withdraw.standing(tx, it.shop_id, now=LATER + DAY)
    assert steps == ["prepared", "asked", "approved", "sent", "paid", "returned"]
    assert (at.withdrawable_minor, at.on_way_minor) == (1_000, 0)
    told = await pool.fetch(
        "SELECT kind FROM notice WHERE subject_id = $1 ORDER BY position", it.id
    )
    assert [row["kind"] for row in told] == ["shop.payout_paid", "shop.payout_returned"]
    # and can be asked for again, the same day too: what came back counts for no limit
    again = wish(ids, it.shop_id, it.account_id, 1_000, now=LATER + DAY)
    assert (await committed(pool, lambda tx: asked(tx, ids, again))).state is State.APPROVED


async def test_the_statement_has_a_line_for_it(pool: Pool, ids: IdMaker) -> None:
    bank = Bank()
    it = await paid(pool, ids, bank)
    bank.standings[it.id] = BACK
    await hear(pool, it, LATER + DAY)
    await settle_all(pool, bank, LATER + DAY)
    rows = await pool.fetch(
        "SELECT kind, change_minor, statement_part(kind) AS part"
        " FROM statement_lines($1, $2, 0, 9223372036854775807) WHERE subject_id = $3 ORDER BY transfer_id",
        cell_of(it.shop_id), it.shop_id, it.id,
    )  # fmt: skip
    assert [tuple(row) for row in rows] == [
        ("withdraw", -it.amount_minor, "withdrawals"),
        ("withdraw_returned", it.amount_minor, "withdrawals"),
    ]


async def test_news_told_twice_and_asked_for_by_two_workers_returns_it_once(
    pool: Pool, ids: IdMaker
) -> None:
    bank = Bank()
    it = await paid(pool, ids, bank)
    bank.standings[it.id] = BACK
    now = LATER + DAY
    await hear(pool, it, now)
    await asyncio.gather(carry(pool, bank, now=now), carry(pool, bank, now=now))
    await hear(pool, it, now)
    await settle_all(pool, bank, now + DAY)
    assert (await found(pool, it)).state is State.RETURNED
    assert await held(pool, it.shop_id) == 1_000


async def test_what_nobody_told_is_asked_for_during_a_week(pool: Pool, ids: IdMaker) -> None:
    bank = Bank()
    it = await paid(pool, ids, bank)
    looks = []
    while (at := (await found(pool, it)).retry_at) is not None:
        looks.append(at - LATER)
        await carry(pool, bank, now=at)
    assert looks == [timedelta(hours=1), timedelta(hours=6), DAY, 3 * DAY, 7 * DAY]
    assert bank.asked_about.count(it.id) == len(looks)
    bank.standings[it.id] = BACK  # after that only news finds it
    await settle_all(pool, bank, LATER + 30 * DAY)
    assert (await found(pool, it)).state is State.PAID
    await hear(pool, it, LATER + 30 * DAY)
    await settle_all(pool, bank, LATER + 30 * DAY)
    assert (await found(pool, it)).state is State.RETURNED


async def test_a_bank_that_does_not_answer_leaves_it_paid(pool: Pool, ids: IdMaker) -> None:
    bank = Bank()
    it = await paid(pool, ids, bank)
    bank.silent = True
    await hear(pool, it, LATER + DAY)
    await carry(pool, bank, now=LATER + DAY)
    same = await found(pool, it)
    assert (same.state, same.retry_at) == (State.PAID, LATER + DAY + timedelta(hours=1))
    bank.silent = False
    bank.standings[it.id] = TransferAnswer(standing=TransferStanding.UNKNOWN)
    await carry(pool, bank, now=LATER + DAY + timedelta(hours=1))
    assert (await found(pool, it)).state is State.PAID
    assert bank.calls.count(f"transfer {it.id}") == 1  # and nothing is ever paid again


async def test_one_that_came_back_before_anybody_heard_has_failed(pool: Pool, ids: IdMaker) -> None:
    it = await approved(pool, ids)
    bank = Bank(says={it.id: [BankUnreachable("timed out")]})
    await settle_all(pool, bank, LATER)
    bank.standings[it.id] = BACK
    await settle_all(pool, bank, LATER + DAY)
    assert (await found(pool, it)).state is State.FAILED
    assert await events_of(pool, it.id) == ["payouts.asked", "payouts.failed"]
    assert await held(pool, it.shop_id) == 1_000


async def test_a_closed_account_is_offered_no_more_and_may_be_added_again(
    pool: Pool, ids: IdMaker
) -> None:
    bank = Bank()
    it = await paid(pool, ids, bank)
    bank.standings[it.id] = CLOSED
    await hear(pool, it, LATER + DAY)
    await settle_all(pool, bank, LATER + DAY)
    async with transaction(pool) as tx:
        account = await service.get_account(tx, it.shop_id, it.account_id)
    assert (account.state, account.why, account.is_default) == (
        AccountState.REFUSED, "account_closed", False,
    )  # fmt: skip
    again = wish(ids, it.shop_id, it.account_id, 500, now=LATER + DAY)
    with pytest.raises(AccountUnverified):
        await committed(pool, lambda tx: asked(tx, ids, again))
    await committed(pool, lambda tx: add_account(tx, ids, it.shop_id, number=NUMBER))
    other = await committed(
        pool, lambda tx: a_bank_account(tx, ids, it.shop_id, number="6222020200009876", now=LATER)
    )
    retry = wish(ids, it.shop_id, other, 1_000, now=LATER + 3 * DAY)
    assert (await committed(pool, lambda tx: asked(tx, ids, retry))).account_id == other


async def test_news_of_another_bank_or_of_nothing_is_refused(pool: Pool, ids: IdMaker) -> None:
    it = await paid(pool, ids, Bank())
    for provider, number in (("elsewhere", it.id), ("sandbox", ids.make(0))):
        with pytest.raises(WithdrawalNotFound):
            async with transaction(pool) as tx:
                await withdraw.hear(tx, provider, number, now=LATER)


@pytest.mark.parametrize(("last4", "is_told"), [("0007", True), ("0008", False)])
async def test_a_real_bank_sends_it_back_and_says_so(
    pool: Pool,
    ids: IdMaker,
    sandbox: SandboxProcess,
    merchant: Merchant,
    last4: str,
    *,
    is_told: bool,
) -> None:
    bank = open_sandbox_bank(
        base_url=sandbox.url,
        key=KEY,
        clock=lambda: datetime.now(UTC),
        notify_url=merchant.notify_url,
    )
    it = await approved(pool, ids, number=f"622202020000{last4}")
    await settle_all(pool, bank, LATER)
    assert (await found(pool, it)).state is State.PAID
    if is_told:
        await merchant.hears(lambda: bool(merchant.raw), within=15)
        _, headers, body = merchant.raw[-1]
        assert bank.read_news(headers, body, now=datetime.now(UTC)) == it.id
        with pytest.raises(BadSignature):
            bank.read_news(headers, body.replace(b"returned", b"retained"), now=datetime.now(UTC))
        await hear(pool, it, LATER + DAY)
    else:
        await asyncio.sleep(4)
        assert not merchant.raw
    await settle_all(pool, bank, LATER + DAY)
    back = await found(pool, it)
    assert (back.state, back.why) == (State.RETURNED, "returned")
    await bank.close()


@pytest.mark.parametrize(
    ("_case", "body", "wanted"),
    [
        ("of something else", b'{"event": "account.closed", "out_transfer_no": "1"}', None),
        ("no json", b"returned", NewsUnreadable),
        ("no number", b'{"event": "transfer.returned"}', NewsUnreadable),
        ("a number of somebody else", b'{"event": "transfer.returned", "out_transfer_no": "x"}',
         NewsUnreadable),
    ],
)  # fmt: skip
def test_news_that_says_nothing(_case: str, body: bytes, wanted: Any) -> None:
    from jishi.kit import signing

    now = datetime.now(UTC)
    bank = open_sandbox_bank(
        base_url="http://127.0.0.1:1", key=KEY, clock=lambda: now, notify_url="http://x/news"
    )
    headers = signing.signed_headers(KEY, "POST", "/news", body, nonce="n" * 16, now=now)
    if wanted is None:
        assert bank.read_news(headers, body, now=now) is None
        return
    with pytest.raises(wanted):
        bank.read_news(headers, body, now=now)
