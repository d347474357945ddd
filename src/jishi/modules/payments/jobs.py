"""Timed work of payments: send refunds, and ask about what nobody told us.

Each job claims rows for a minute, asks their providers outside any transaction, writes when to ask
again, and returns the news it heard in the shape of callbacks. The caller hands it to the flows
that take callbacks. Should the process die before, nothing is lost: the rows come due again, and
the same news carries the same event id. A hundred rows at a time are plenty.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from jishi.db import Pool, transaction
from jishi.db.together import each
from jishi.kit.ids import RefundId
from jishi.modules.payments import rules, storage
from jishi.modules.payments.asking import settle_at_provider
from jishi.modules.payments.provider import ProviderRefused, Providers, ProviderUnreachable
from jishi.modules.payments.types import (
    CallbackNews,
    Paid,
    Payment,
    PaymentStanding,
    Refund,
    RefundStanding,
    RefundState,
    Standing,
)

log = structlog.get_logger()

CLAIM: Final = timedelta(minutes=1)
ERROR_SIGNS_MAX: Final = 300
RefundAnswer = RefundStanding | ProviderRefused | ProviderUnreachable


async def check_payments(
    pool: Pool, providers: Providers, now: datetime, limit: int
) -> list[CallbackNews]:
    """Ask about unpaid payments that are due; after their window close them at the provider.

    One that a provider calls paid stays due until the market has recorded it.
    """
    async with transaction(pool) as tx:
        due = await storage.claim_payments(tx, now=now, until=now + CLAIM, limit=limit)
    asked = await _ask(providers, due, now)
    async with transaction(pool) as tx:
        await storage.save_checks(tx, [(it.id, _check_at(it, said, now=now)) for it, said in asked])
    return _news(asked, now)


async def check_asks(
    pool: Pool, providers: Providers, now: datetime, limit: int
) -> list[CallbackNews]:
    """Ask providers that buyers left for another one; a page left open is closed once the payment
    is paid, cancelled or past its window. What was paid there is news like any other."""
    async with transaction(pool) as tx:
        due = await storage.claim_asks(tx, now=now, until=now + CLAIM, limit=limit)
    asked = await _ask(providers, due, now)
    checks = [(it.id, it.provider, _check_at(it, said, now=now)) for it, said in asked]
    async with transaction(pool) as tx:
        await storage.save_asks(tx, checks)
    return _news(asked, now)


async def _ask(
    providers: Providers, due: Sequence[Payment], now: datetime
) -> list[tuple[Payment, PaymentStanding | None]]:
    """Each payment with how it stands at its provider; None: nobody said."""

    async def ask(payment: Payment) -> PaymentStanding | None:
        provider = providers.get(payment.provider)
        return await settle_at_provider(provider, payment, now=now) if provider else None

    return list(zip(due, await each(due, ask), strict=True))


def _news(
    asked: Sequence[tuple[Payment, PaymentStanding | None]], now: datetime
) -> list[CallbackNews]:
    news = [rules.payment_news(it, said, now=now) for it, said in asked if said]
    return [one for one in news if one]


async def send_refunds(
    pool: Pool, providers: Providers, now: datetime, limit: int
) -> list[CallbackNews]:
    """Hand asked refunds to their providers. One that the provider refuses counts as failed."""
    return await _work_refunds(pool, providers, RefundState.ASKED, now, limit)


async def check_refunds(
    pool: Pool, providers: Providers, now: datetime, limit: int
) -> list[CallbackNews]:
    """Ask after sent refunds nobody has told us the end of; send again what got lost."""
    return await _work_refunds(pool, providers, RefundState.SENT, now, limit)


async def _work_refunds(
    pool: Pool, providers: Providers, state: RefundState, now: datetime, limit: int
) -> list[CallbackNews]:
    async with transaction(pool) as tx:
        due = await storage.claim_refunds(tx, state, now=now, until=now + CLAIM, limit=limit)
        paid = await storage.list_paid(tx, [refund.payment_id for refund in due])

    async def ask(refund: Refund) -> RefundAnswer:
        return await _call(providers, refund, paid.get(refund.payment_id))

    answers = await each(due, ask)
    await _save_refunds(pool, due, answers, now=now)
    news = [_refund_news(r, said, now=now) for r, said in zip(due, answers, strict=True)]
    return [one for one in news if one]


async def _call(providers: Providers, refund: Refund, paid: Paid | None) -> RefundAnswer:
    provider = providers.get(refund.provider)
    if provider is None or paid is None:
        return ProviderUnreachable(f"no provider is called {refund.provider}, or no such payment")
    try:
        if refund.state is RefundState.SENT:
            said = await provider.query_refund(refund, paid)
            if said.standing is not Standing.UNKNOWN:
                return said
        return await provider.refund(refund, paid)
    except (ProviderRefused, ProviderUnreachable) as problem:
        log.warning("payments.refund_failed", refund_id=refund.id, problem=str(problem))
        return problem


async def _save_refunds(
    pool: Pool, due: Sequence[Refund], answers: Sequence[RefundAnswer], *, now: datetime
) -> None:
    sent: list[tuple[RefundId, str, datetime]] = []
    paused: list[tuple[RefundId, str | None, datetime]] = []
    for refund, said in zip(due, answers, strict=True):
        again_at = rules.refund_retry_at(attempts=max(1, refund.attempts), now=now)
        if isinstance(said, RefundStanding):
            sent.append((refund.id, said.provider_ref, again_at))
            paused.append((refund.id, None, again_at))
        else:
            paused.append((refund.id, str(said)[:ERROR_SIGNS_MAX], again_at))
    async with transaction(pool) as tx:
        await storage.save_sent(tx, sent, now=now)
        await storage.save_pauses(tx, paused)


def _refund_news(refund: Refund, said: RefundAnswer, *, now: datetime) -> CallbackNews | None:
    match said:
        case RefundStanding():
            return rules.refund_news(refund, said, now=now)
        case ProviderRefused():
            failed = RefundStanding(standing=Standing.CLOSED)
            return rules.refund_news(refund, failed, now=now)
        case ProviderUnreachable():
            return None


def _check_at(payment: Payment, said: PaymentStanding | None, *, now: datetime) -> datetime | None:
    return rules.next_check_at(
        asked_at=payment.asked_at or payment.created_at,
        expires_at=payment.expires_at,
        standing=said.standing if said else None,
        now=now,
    )
