"""Shops with money and proved bank accounts; a bank in the test's own hands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jishi.db import Pool, Tx, transaction
from jishi.flows import withdraw
from jishi.flows.withdraw.types import WithdrawalAsked
from jishi.kit.ids import AccountId, IdMaker, OrderId, ShopId, cell_of
from jishi.modules.payouts import BankAccountId, Limits, Withdrawal, WithdrawalId, service
from jishi.modules.payouts.provider import (
    BankRefused,
    BankUnreachable,
    Destination,
    TransferAnswer,
    TransferAsk,
    TransferStanding,
)
from jishi.modules.payouts.sealing import Sealer
from jishi.modules.payouts.types import BadSignature
from tests.support.makers import NOON, Town, a_checkout, brought, place_all

SEALER = Sealer(bytes(range(32)))
OWNER, MANAGER, OPERATOR = AccountId(11), AccountId(12), AccountId(13)
NUMBER = "6222020200001234"
LIMITS = Limits(
    least_minor=1,
    second_from_minor=10**8,
    operator_from_minor=10**9,
    day_minor=10**10,
    day_times=50,
)


async def earned(
    tx: Tx, ids: IdMaker, town: Town, *, pieces: int = 1, at: datetime = NOON, goods: int = 0
) -> OrderId:
    """One completed order of the first shop; its money is payable."""
    asked = a_checkout(ids, town.buyers[0], [(town.goods[goods], pieces)], now=at)
    placed = await place_all(tx, ids, [asked])
    return await brought(tx, ids, placed[0], until="completed", at=at)


async def add_account(
    tx: Tx, ids: IdMaker, shop_id: ShopId, *, number: str = NUMBER, now: datetime = NOON
) -> BankAccountId:
    """A new account, not tested yet."""
    account = await service.add_account(
        tx,
        shop_id,
        BankAccountId(ids.make(cell_of(shop_id))),
        holder="Harbour Tea",
        bank="Bank of the Harbour",
        number=number,
        provider="sandbox",
        sealer=SEALER,
        actor_id=OWNER,
        now=now,
    )
    return account.id


async def a_bank_account(
    tx: Tx, ids: IdMaker, shop_id: ShopId, *, number: str = NUMBER, now: datetime = NOON
) -> BankAccountId:
    """An account its owner has proved; the first of a shop is usable at once."""
    account_id = await add_account(tx, ids, shop_id, number=number, now=now)
    await service.save_tests(tx, [(account_id, "testing", "", None)])
    await service.accept_proof(tx, shop_id, account_id, now=now)
    return account_id


def wish(
    ids: IdMaker, shop_id: ShopId, account_id: int, amount_minor: int, **changes: Any
) -> WithdrawalAsked:
    made = WithdrawalId(ids.make(cell_of(shop_id)))
    now = changes.get("now", NOON)
    facts: dict[str, Any] = {
        "id": made, "shop_id": shop_id, "account_id": account_id, "amount_minor": amount_minor,
        "key": str(made), "actor_id": OWNER, "is_owner": True, "now": now,
        "day_start": now - timedelta(hours=12),
    }  # fmt: skip
    return WithdrawalAsked(**{**facts, **changes})


async def asked(
    tx: Tx, ids: IdMaker, it: WithdrawalAsked, *, limits: Limits = LIMITS
) -> Withdrawal:
    return await withdraw.ask(tx, it, ids, limits=limits)


async def set_days(db: Pool | Tx, shop_id: ShopId, days: int, *, since: datetime = NOON) -> None:
    await db.execute(
        "INSERT INTO settlement_terms (cell, shop_id, since, days) VALUES ($1, $2, $3, $4)",
        cell_of(shop_id), shop_id, since - timedelta(days=365), days,
    )  # fmt: skip


@dataclass
class Bank:
    """A provider in the test's hands. ``says`` holds what transfers meet, by their number; others are paid."""

    says: dict[int, list[TransferAnswer | Exception]] = field(default_factory=dict)
    asked_about: list[int] = field(default_factory=list)
    transfers: dict[int, TransferAsk] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    standings: dict[int, TransferAnswer] = field(default_factory=dict)
    refuses_tests: str = ""
    tested: list[Destination] = field(default_factory=list)
    amount_minor: int = 37
    silent: bool = False

    name = "sandbox"

    async def test_account(self, account_id: int, to: Destination, currency: str) -> None:
        self.calls.append("test")
        if self.silent:
            raise BankUnreachable("silent")
        if self.refuses_tests:
            raise BankRefused(self.refuses_tests, "no")
        self.tested.append(to)

    async def prove_account(self, account_id: int, amount_minor: int) -> bool:
        self.calls.append("prove")
        if self.silent:
            raise BankUnreachable("silent")
        return amount_minor == self.amount_minor

    async def transfer(self, ask: TransferAsk) -> TransferAnswer:
        self.calls.append(f"transfer {ask.id}")
        waiting = self.says.get(ask.id)
        said = waiting.pop(0) if waiting else TransferAnswer(standing=TransferStanding.DONE)
        if isinstance(said, Exception):
            raise said
        assert ask.id not in self.transfers or self.transfers[ask.id] == ask
        self.transfers[ask.id] = ask
        self.standings[ask.id] = said
        return said

    async def query_transfer(self, withdrawal_id: int) -> TransferAnswer:
        self.asked_about.append(withdrawal_id)
        if self.silent:
            raise BankUnreachable("silent")
        unknown = TransferAnswer(standing=TransferStanding.UNKNOWN)
        return self.standings.get(withdrawal_id, unknown)

    def read_news(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> WithdrawalId | None:
        """The number of a withdrawal, when the header ``x-test-bank`` says so."""
        if headers.get("x-test-bank") != "ours":
            raise BadSignature(reason="signature")
        return WithdrawalId(int(body)) if body else None

    async def close(self) -> None:
        pass


async def carry(pool: Pool, bank: Any, *, now: datetime) -> int:
    return await withdraw.carry_due(pool, bank, SEALER, currency="CNY", now=now, limit=100)


async def found(pool: Pool, it: Withdrawal) -> Withdrawal:
    async with transaction(pool) as tx:
        return await service.get_withdrawal(tx, None, it.id)
