"""What talks to the provider: test new accounts, send withdrawals, ask what became of them, paid ones too.

Each turn claims rows for a minute in one transaction, calls outside any, and writes the answers in another.
A crash between leaves rows that come due again. A number is opened for its call and forgotten.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from jishi.db import Pool, transaction
from jishi.db.together import each
from jishi.flows.withdraw import flow
from jishi.flows.withdraw.types import Answered
from jishi.modules.payouts import BankRefused, BankUnreachable, PayoutProvider, rules, service
from jishi.modules.payouts import withdrawals as rows
from jishi.modules.payouts.provider import (
    Destination,
    TransferAnswer,
    TransferAsk,
)
from jishi.modules.payouts.sealing import SealBroken, Sealer
from jishi.modules.payouts.types import (
    CAME_BACK,
    AccountState,
    BankAccount,
    State,
    TransferStanding,
    Withdrawal,
)

log = structlog.get_logger()

CLAIM: Final = timedelta(minutes=1)
ERROR_SIGNS_MAX: Final = 300
# The bank's codes for what shops read in our words; others are shown as they are.
KNOWN_CODES: Final = frozenset(
    {"account_closed", "account_unknown", "name_mismatch", "number_taken", "returned"}
)
# The number stands for a transfer already: it may be ours.
ENDS_NOTHING: Final = frozenset({"number_taken"})
Said = tuple[int, str, str, datetime | None]


async def test_due(
    pool: Pool,
    provider: PayoutProvider,
    sealer: Sealer,
    *,
    currency: str,
    now: datetime,
    limit: int,
) -> int:
    """Let the provider test new bank accounts; how many were looked at."""
    async with transaction(pool) as tx:
        due = await service.claim_tests(tx, now=now, until=now + CLAIM, limit=limit)
        numbers = await service.sealed_numbers(tx, [it.id for it in due])

    async def test(account: BankAccount) -> Said:
        again_at = rules.retry_at(attempts=account.attempts, now=now)
        try:
            to = _opened(sealer, account, numbers)
            await provider.test_account(account.id, to, currency)
        except SealBroken:
            return account.id, AccountState.REFUSED, "number_unreadable", None
        except BankRefused as no:
            return account.id, AccountState.REFUSED, why_of(no.code), None
        except BankUnreachable as silence:
            log.warning("payouts.test_unanswered", account_id=account.id, problem=str(silence))
            return account.id, AccountState.NEW, "", again_at
        return account.id, AccountState.TESTING, "", None

    said = await each(due, test)
    async with transaction(pool) as tx:
        await service.save_tests(tx, said)
    return len(due)


async def carry_due(
    pool: Pool,
    provider: PayoutProvider,
    sealer: Sealer,
    *,
    currency: str,
    now: datetime,
    limit: int,
) -> int:
    """Send approved withdrawals, ask about sent ones and, for a while, about paid ones; how many."""
    async with transaction(pool) as tx:
        due = await rows.claim_due(tx, now=now, until=now + CLAIM, limit=limit)
        numbers = await service.sealed_numbers(tx, [it.account_id for it, _ in due])
        accounts = await service.accounts_by_id(tx, [it.account_id for it, _ in due])

    async def call(item: tuple[Withdrawal, State]) -> Answered:
        it, before = item
        account = accounts[it.account_id]
        return await _carry(provider, sealer, it, before, account, numbers, currency, now)

    answers = await each(due, call)
    async with transaction(pool) as tx:
        await flow.record(tx, answers, now=now)
    return len(due)


async def _carry(
    provider: PayoutProvider,
    sealer: Sealer,
    it: Withdrawal,
    before: State,
    account: BankAccount,
    numbers: Mapping[int, bytes],
    currency: str,
    now: datetime,
) -> Answered:
    """What is known of a withdrawal after its provider was asked."""
    try:
        said = TransferAnswer(standing=TransferStanding.UNKNOWN)
        if before is not State.APPROVED:
            said = await _question(provider, it)
        if said.standing is TransferStanding.UNKNOWN and before is not State.PAID:
            to = _opened(sealer, account, numbers)
            wish = TransferAsk(id=it.id, amount_minor=it.amount_minor, currency=currency, to=to)
            said = await _send(provider, wish)
    except BankUnreachable as silence:
        return _unanswered(it, now, silence)
    except SealBroken:
        said = TransferAnswer(standing=TransferStanding.FAILED, why="number_unreadable")
    except BankRefused as no:
        said = TransferAnswer(standing=TransferStanding.FAILED, why=no.code)
    state = rules.outcome(it.state, said.standing)
    if state is State.SENT:
        return _later(it, now, provider_ref=said.provider_ref)
    return Answered(
        id=it.id,
        state=state,
        provider_ref=said.provider_ref,
        why=why_of(said.why or "returned") if state in CAME_BACK else "",
        again_at=rules.look_at(it.ended_at or now, now=now) if state is State.PAID else None,
    )


async def _question(provider: PayoutProvider, it: Withdrawal) -> TransferAnswer:
    """Asked first where a call was made before: only what the provider never heard of is sent again.

    A "no" to a question ends nothing: BankUnreachable.
    """
    try:
        return await provider.query_transfer(it.id)
    except BankRefused as no:
        raise BankUnreachable(str(no)) from no


async def _send(provider: PayoutProvider, wish: TransferAsk) -> TransferAnswer:
    """Raises BankRefused for a "no" that is one; BankUnreachable for one that tells nothing."""
    try:
        return await provider.transfer(wish)
    except BankRefused as no:
        if why_of(no.code) in ENDS_NOTHING:
            raise BankUnreachable(str(no)) from no
        raise


def _unanswered(it: Withdrawal, now: datetime, problem: Exception) -> Answered:
    """Nobody knows whether it moved: it stays as it is and is asked about again."""
    log.warning("payouts.transfer_unanswered", withdrawal_id=it.id, problem=str(problem))
    return _later(it, now, error=str(problem)[:ERROR_SIGNS_MAX])


def _later(
    it: Withdrawal, now: datetime, *, provider_ref: str | None = None, error: str | None = None
) -> Answered:
    again_at = (
        now + rules.RETRY_MAX
        if it.state is State.PAID
        else rules.retry_at(attempts=max(1, it.attempts), now=now)
    )
    return Answered(
        id=it.id, state=it.state, provider_ref=provider_ref, error=error, again_at=again_at
    )


def why_of(code: str) -> str:
    """A bank's code as it is kept: our own word where there is one."""
    plain = code.rpartition(".")[2]
    return plain if plain in KNOWN_CODES else code[:ERROR_SIGNS_MAX]


def _opened(sealer: Sealer, account: BankAccount, numbers: Mapping[int, bytes]) -> Destination:
    """Raises SealBroken."""
    number = sealer.open(account.id, numbers.get(account.id, b""))
    return Destination(holder=account.holder, bank=account.bank, number=number)
