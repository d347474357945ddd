"""Talking to providers: intend, call, record. Takes the pool: no transaction spans a call."""

from datetime import datetime, timedelta

import structlog

from jishi.db import Pool, transaction
from jishi.kit.ids import PaymentId
from jishi.modules.payments import rules, storage
from jishi.modules.payments.provider import (
    Provider,
    ProviderRefused,
    Providers,
    ProviderUnreachable,
)
from jishi.modules.payments.types import (
    CallbackNews,
    Payment,
    PaymentNotFound,
    PaymentNotOpen,
    PaymentStanding,
    ProviderAway,
    Standing,
)

log = structlog.get_logger()

ASK_AT_MOST_EVERY = timedelta(seconds=15)  # about one payment, because its buyer is waiting


async def open_at_provider(
    pool: Pool,
    providers: Providers,
    payment_id: PaymentId,
    *,
    subject: str,
    return_url: str,
    now: datetime,
) -> Payment:
    """The payment with its ``pay_url``; asked for once, answered from the row afterwards.

    Raises PaymentNotFound; PaymentNotOpen once paid, closed or past its window; ProviderAway.
    """
    async with transaction(pool) as tx:
        found = await storage.find_payment(tx, payment_id)
        if found is None:
            raise PaymentNotFound(payment_id=payment_id)
        if not rules.may_open(found, now=now):
            raise PaymentNotOpen(payment_id=payment_id, state=found.state)
        if found.pay_url is not None:
            return found
        check_at = now + rules.FIRST_CHECK
        asked = await storage.mark_asked(tx, payment_id, now=now, check_at=check_at)
    if asked is None:
        raise PaymentNotOpen(payment_id=payment_id)
    try:
        provider = providers[asked.provider]
        page = await provider.create_payment(asked, subject=subject, return_url=return_url)
    except (KeyError, ProviderUnreachable, ProviderRefused) as problem:
        log.warning("payments.create_failed", payment_id=payment_id, problem=str(problem))
        raise ProviderAway(payment_id=payment_id) from problem
    async with transaction(pool) as tx:
        await storage.save_page(tx, payment_id, page)
        opened = await storage.find_payment(tx, payment_id)
    assert opened is not None
    return opened


async def check_payment_now(
    pool: Pool, providers: Providers, payment_id: PaymentId, *, now: datetime
) -> CallbackNews | None:
    """What the provider says of a payment whose buyer waits for it; None: nothing new.

    Asks at most every 15 seconds, and not about a payment that a job asks about just now.
    A provider that does not answer is nothing new.
    """
    async with transaction(pool) as tx:
        until = now + ASK_AT_MOST_EVERY
        payment = await storage.claim_payment(tx, payment_id, until=until)
    if payment is None or payment.provider not in providers:
        return None
    said = await query_quietly(providers[payment.provider], payment)
    return rules.payment_news(payment, said, now=now) if said else None


async def query_quietly(provider: Provider, payment: Payment) -> PaymentStanding | None:
    """How the payment stands; None, and a line in the log, when the provider does not say."""
    try:
        return await provider.query_payment(payment.id)
    except (ProviderUnreachable, ProviderRefused) as problem:
        log.warning("payments.query_failed", payment_id=payment.id, problem=str(problem))
        return None


async def settle_at_provider(
    provider: Provider, payment: Payment, *, now: datetime
) -> PaymentStanding | None:
    """How the payment stands; one past its window is closed there first, so it cannot be paid."""
    said = await query_quietly(provider, payment)
    if said is None or said.standing is not Standing.OPEN or now < payment.expires_at:
        return said
    try:
        return await provider.close_payment(payment.id)
    except (ProviderUnreachable, ProviderRefused) as problem:
        log.warning("payments.close_failed", payment_id=payment.id, problem=str(problem))
        return None
