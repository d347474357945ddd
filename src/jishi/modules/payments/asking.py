"""Talking to providers: intend, call, record. Takes the pool: no transaction spans a call."""

from collections.abc import Collection
from dataclasses import replace
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
    ProviderNotOffered,
    Standing,
    Visit,
)

log = structlog.get_logger()

HERE = Visit()
ASK_AT_MOST_EVERY = timedelta(seconds=15)  # about one payment, because its buyer is waiting


async def open_at_provider(
    pool: Pool,
    providers: Providers,
    payment_id: PaymentId,
    *,
    provider: str | None = None,
    offered: Collection[str] | None = None,
    subject: str,
    return_url: str,
    visit: Visit = HERE,
    now: datetime,
) -> Payment:
    """The payment with its ``pay_url`` at ``provider``, or where it was last; asked for once, and
    answered from the row as long as the provider lets its page stand.

    The buyer may change his mind while nothing is paid: the provider he leaves is still heard.
    Raises PaymentNotFound; PaymentNotOpen once paid, closed or past its window; ProviderNotOffered;
    ProviderAway.
    """
    async with transaction(pool) as tx:
        found = await storage.find_payment(tx, payment_id)
        if found is None:
            raise PaymentNotFound(payment_id=payment_id)
        if not rules.may_open(found, now=now):
            raise PaymentNotOpen(payment_id=payment_id, state=found.state)
        name = provider or found.provider
        if name not in providers or (offered is not None and name not in offered):
            raise ProviderNotOffered(field="provider")
        if name == found.provider and _stands(providers[name], found):
            return found
        check_at = now + rules.FIRST_CHECK
        asked = await storage.choose_provider(tx, payment_id, name, now=now, check_at=check_at)
    if asked is None:
        raise PaymentNotOpen(payment_id=payment_id)
    if _stands(providers[name], asked):
        return asked
    try:
        page = await providers[name].create_payment(
            asked, subject=subject, return_url=return_url, visit=visit
        )
    except (ProviderUnreachable, ProviderRefused) as problem:
        log.warning("payments.create_failed", payment_id=payment_id, problem=str(problem))
        raise ProviderAway(payment_id=payment_id) from problem
    async with transaction(pool) as tx:
        await storage.save_page(tx, payment_id, name, page)
        opened = await storage.find_payment(tx, payment_id)
    assert opened is not None
    return replace(opened, pay_url=page.pay_url) if opened.provider == name else opened


def _stands(provider: Provider, payment: Payment) -> bool:
    """Whether the page made before may be shown again."""
    return payment.pay_url is not None and provider.keeps_page(payment.pay_url)


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
        return await provider.query_payment(payment)
    except (ProviderUnreachable, ProviderRefused) as problem:
        log.warning("payments.query_failed", payment_id=payment.id, problem=str(problem))
        return None


async def settle_at_provider(
    provider: Provider, payment: Payment, *, now: datetime
) -> PaymentStanding | None:
    """How the payment stands; one past its window, or paid or closed here, is closed there first,
    so that it cannot be paid."""
    said = await query_quietly(provider, payment)
    if said is None or said.standing is not Standing.OPEN or rules.may_open(payment, now=now):
        return said
    try:
        return await provider.close_payment(payment)
    except (ProviderUnreachable, ProviderRefused) as problem:
        log.warning("payments.close_failed", payment_id=payment.id, problem=str(problem))
        return None
