"""What is said to a bank and what comes of its answers, also after a crash at any point."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from jishi.db import Pool, transaction
from jishi.flows import withdraw
from jishi.kit.ids import IdMaker, ShopId, cell_of
from jishi.modules.payouts import BankRefused, BankUnreachable, State, Withdrawal, service
from jishi.modules.payouts import withdrawals as rows
from jishi.modules.payouts.provider import TransferAnswer, TransferStanding
from jishi.modules.payouts.sandbox_bank import SandboxBank, open_sandbox_bank
from jishi.modules.payouts.sealing import Sealer
from jishi.modules.payouts.types import AccountNotTesting, AccountState
from jishi.sandbox.bank_book import BankBook
from tests.sandbox.harness import KEY, SandboxProcess
from tests.support.makers import NOON, a_town, balance_of, committed, events_of
from tests.support.payouts import (
    NUMBER,
    SEALER,
    Bank,
    a_bank_account,
    add_account,
    asked,
    carry,
    earned,
    found,
    wish,
)

pytestmark = pytest.mark.usefixtures("sound")
LATER = NOON + timedelta(days=30)
PENDING = TransferAnswer(standing=TransferStanding.PENDING, provider_ref="BT1")


async def approved(
    pool: Pool, ids: IdMaker, *, minor: int = 900, number: str = NUMBER, now: datetime = LATER
) -> Withdrawal:
    town = await a_town(pool, ids, shops=1, fee_bp=0, price_minor=1_000)
    async with transaction(pool) as tx:
        await earned(tx, ids, town)
        account_id = await a_bank_account(tx, ids, town.shops[0], number=number)
    it = await committed(
        pool, lambda tx: asked(tx, ids, wish(ids, town.shops[0], account_id, minor, now=now))
    )
    assert it.state is State.APPROVED
    return it


async def held(pool: Pool, shop_id: ShopId) -> int:
    return await balance_of(pool, "payable:shop", shop_id, cell=cell_of(shop_id))


async def settle_all(pool: Pool, bank: object, now: datetime) -> None:
    while await carry(pool, bank, now=now):
        pass


async def test_an_approved_withdrawal_is_paid_once(pool: Pool, ids: IdMaker) -> None:
    bank, it = Bank(), await approved(pool, ids)
    await settle_all(pool, bank, LATER)
    await settle_all(pool, bank, LATER + timedelta(days=1))
    done = await found(pool, it)
    assert (done.state, done.attempts) == (State.PAID, 1)
    assert bank.transfers[it.id].to.number == NUMBER
    assert await held(pool, it.shop_id) == 100
    assert await events_of(pool, it.id) == ["payouts.asked", "payouts.paid"]
    async with transaction(pool) as tx:
        steps = [step.step for step in await service.steps_of(tx, it.id)]
    assert steps == ["prepared", "asked", "approved", "sent", "paid"]
    told = await pool.fetch("SELECT kind FROM notice WHERE subject_id = $1", it.id)
    assert [row["kind"] for row in told] == ["shop.payout_paid"]


async def test_an_answer_that_is_not_clear_is_asked_for_before_anything_is_sent_again(
    pool: Pool, ids: IdMaker
) -> None:
    it = await approved(pool, ids)
    bank = Bank(says={it.id: [BankUnreachable("timed out"), PENDING]})
    await settle_all(pool, bank, LATER)
    lost = await found(pool, it)
    assert (lost.state, lost.last_error) == (State.SENT, "timed out")
    await settle_all(pool, bank, LATER + timedelta(hours=1))
    assert (await found(pool, it)).state is State.SENT
    bank.standings[it.id] = TransferAnswer(standing=TransferStanding.DONE, provider_ref="BT1")
    await settle_all(pool, bank, LATER + timedelta(hours=2))
    assert (await found(pool, it)).state is State.PAID
    assert bank.calls.count(f"transfer {it.id}") == 2
    assert bank.asked_about.count(it.id) == 2


async def test_a_process_that_dies_after_the_call_sends_nothing_twice(
    pool: Pool, ids: IdMaker
) -> None:
    it = await approved(pool, ids)
    bank = Bank()
    async with transaction(pool) as tx:  # claimed; the bank is called; nobody writes it down
        due = await rows.claim_due(tx, now=LATER, until=LATER + timedelta(minutes=1), limit=100)
    assert it.id in [each.id for each, _ in due]
    bank.standings = {each.id: TransferAnswer(standing=TransferStanding.DONE) for each, _ in due}
    await settle_all(pool, bank, LATER + timedelta(seconds=59))
    assert (await found(pool, it)).state is State.SENT
    await settle_all(pool, bank, LATER + timedelta(minutes=1))
    assert (await found(pool, it)).state is State.PAID
    assert f"transfer {it.id}" not in bank.calls


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (BankRefused("bank.account_closed", "closed"), "account_closed"),
        (BankRefused("bank.odd", "odd"), "bank.odd"),
        (TransferAnswer(standing=TransferStanding.FAILED, why="returned"), "returned"),
    ],
)
async def test_money_that_comes_back_is_the_shops_again(
    pool: Pool, ids: IdMaker, said: TransferAnswer | Exception, why: str
) -> None:
    it = await approved(pool, ids)
    await settle_all(pool, Bank(says={it.id: [said]}), LATER)
    back = await found(pool, it)
    assert (back.state, back.why) == (State.FAILED, why)
    assert await held(pool, it.shop_id) == 1_000
    assert await events_of(pool, it.id) == ["payouts.asked", "payouts.failed"]
    # and may be asked for again, as another withdrawal; to another account when that one is gone
    account_id = it.account_id
    if why == "account_closed":
        account_id = await committed(
            pool, lambda tx: a_bank_account(tx, ids, it.shop_id, number="6222020200005678")
        )
    wanted = wish(ids, it.shop_id, account_id, 1_000, now=LATER)
    await committed(pool, lambda tx: asked(tx, ids, wanted))


async def test_a_number_sealed_with_another_key_is_not_sent(pool: Pool, ids: IdMaker) -> None:
    it = await approved(pool, ids)
    bank = Bank()
    await withdraw.carry_due(pool, bank, Sealer(bytes(32)), currency="CNY", now=LATER, limit=100)
    back = await found(pool, it)
    assert (back.state, back.why) == (State.FAILED, "number_unreadable")
    assert f"transfer {it.id}" not in bank.calls


async def test_a_refused_question_ends_nothing(pool: Pool, ids: IdMaker) -> None:
    it = await approved(pool, ids)
    taken = BankRefused("bank.number_taken", "taken")
    bank = Bank(says={it.id: [BankUnreachable("timed out"), taken]})
    for hours in (0, 1):
        await settle_all(pool, bank, LATER + timedelta(hours=hours))
        assert (await found(pool, it)).state is State.SENT
    await settle_all(pool, bank, LATER + timedelta(hours=3))
    assert (await found(pool, it)).state is State.PAID


async def test_two_workers_at_once_send_each_withdrawal_once(pool: Pool, ids: IdMaker) -> None:
    made = [await approved(pool, ids) for _ in range(6)]
    bank = Bank()
    await asyncio.gather(*(carry(pool, bank, now=LATER) for _ in range(4)))
    assert {it.id for it in made} <= set(bank.transfers)
    assert len(bank.calls) == len(set(bank.calls)) >= len(made)


# Accounts ------------------------------------------------------------------------------------


async def test_due(pool: Pool, bank: object, now: datetime) -> None:
    while await withdraw.test_due(pool, bank, SEALER, currency="CNY", now=now, limit=100):  # type: ignore[arg-type]
        pass


test_due.__test__ = False  # type: ignore[attr-defined]


async def test_an_account_is_proved_by_the_amount_of_its_deposit(pool: Pool, ids: IdMaker) -> None:
    shop_id = (await a_town(pool, ids, shops=1)).shops[0]
    account_id = await committed(pool, lambda tx: add_account(tx, ids, shop_id))
    bank = Bank(silent=True)
    await test_due(pool, bank, NOON)
    bank.silent = False
    await test_due(pool, bank, NOON + timedelta(seconds=4))
    assert bank.tested == []
    await test_due(pool, bank, NOON + timedelta(hours=1))
    assert [to.number for to in bank.tested].count(NUMBER) >= 1
    async with transaction(pool) as tx:
        for left in range(4, -1, -1):
            assert (
                await service.get_account(tx, shop_id, account_id)
            ).state is AccountState.TESTING
            assert await service.spend_try(tx, shop_id, account_id) == left
            await service.refuse_proof(tx, account_id)
        it = await service.get_account(tx, shop_id, account_id)
        assert (it.state, it.why) == (AccountState.REFUSED, "too_many_tries")
        with pytest.raises(AccountNotTesting):
            await service.spend_try(tx, shop_id, account_id)
        with pytest.raises(AccountNotTesting):
            await service.accept_proof(tx, shop_id, account_id, now=NOON)
        await add_account(tx, ids, shop_id)  # the number is free again


async def test_a_name_the_bank_does_not_know_is_told(pool: Pool, ids: IdMaker) -> None:
    shop_id = (await a_town(pool, ids, shops=1)).shops[0]
    account_id = await committed(pool, lambda tx: add_account(tx, ids, shop_id))
    await test_due(pool, Bank(refuses_tests="bank.name_mismatch"), NOON)
    async with transaction(pool) as tx:
        it = await service.get_account(tx, shop_id, account_id)
    assert (it.state, it.why) == (AccountState.REFUSED, "name_mismatch")


async def test_no_number_stands_in_the_database(pool: Pool, ids: IdMaker) -> None:
    shop_id = (await a_town(pool, ids, shops=1)).shops[0]
    await committed(pool, lambda tx: add_account(tx, ids, shop_id))
    row = await pool.fetchrow(
        "SELECT a::text || n::text AS said FROM bank_account a JOIN bank_number n ON n.account_id = a.id"
        " WHERE a.shop_id = $1",
        shop_id,
    )
    assert NUMBER not in row["said"]
    assert NUMBER.encode().hex() not in row["said"]


# Over real HTTP ------------------------------------------------------------------------------


@pytest.fixture
async def bank(sandbox: SandboxProcess) -> object:
    return open_sandbox_bank(base_url=sandbox.url, key=KEY, clock=lambda: datetime.now(UTC))


@pytest.mark.parametrize(
    ("last4", "states"),
    [
        ("1234", ["paid"]),
        ("0001", ["failed"]),  # closed
        ("0003", ["sent", "failed"]),  # sent back
        ("0004", ["sent", "paid"]),  # paid, its answer lost
        ("0005", ["sent", "paid"]),  # its call lost
        ("0006", ["sent", "sent"]),  # silent
    ],
)
async def test_a_real_bank_in_every_mood(
    pool: Pool,
    ids: IdMaker,
    sandbox: SandboxProcess,
    bank: SandboxBank,
    last4: str,
    states: list[str],
) -> None:
    it = await approved(pool, ids, number=f"622202020000{last4}")
    now = LATER
    for state in states:
        if state != states[0]:
            await asyncio.sleep(1.1)
        await settle_all(pool, bank, now)
        assert (await found(pool, it)).state == state
        now += timedelta(hours=2)
    book = BankBook(sandbox.home / "bank.sqlite3")
    moved = [one for one in book.list_transfers(100) if one.out_transfer_no == str(it.id)]
    book.close()
    assert len([one for one in moved if one.state == "succeeded"]) == states.count("paid")
    if last4 == "0006":  # nobody knows: it stays, and is asked about again
        async with transaction(pool) as tx:
            await tx.execute(
                "UPDATE bank_number SET sealed = $2 WHERE account_id = $1",
                it.account_id, SEALER.seal(it.account_id, NUMBER),
            )  # fmt: skip
        await settle_all(pool, bank, now + timedelta(hours=2))
        assert (await found(pool, it)).state is State.PAID


async def test_a_real_test_deposit_proves_an_account(
    pool: Pool, ids: IdMaker, sandbox: SandboxProcess, bank: SandboxBank
) -> None:
    shop_id = (await a_town(pool, ids, shops=1)).shops[0]
    account_id = await committed(pool, lambda tx: add_account(tx, ids, shop_id))
    await test_due(pool, bank, NOON)
    book = BankBook(sandbox.home / "bank.sqlite3")
    account = book.find_account(str(account_id))
    book.close()
    assert account is not None
    assert account.last4 == NUMBER[-4:]
    assert not await bank.prove_account(account_id, account.deposit_minor + 1)
    assert await bank.prove_account(account_id, account.deposit_minor)
    other = await committed(
        pool, lambda tx: add_account(tx, ids, shop_id, number="6222020200000009")
    )
    await test_due(pool, bank, NOON)
    async with transaction(pool) as tx:
        refused = await service.get_account(tx, shop_id, other)
    assert (refused.state, refused.why) == (AccountState.REFUSED, "name_mismatch")
