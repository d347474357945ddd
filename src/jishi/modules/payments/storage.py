"""Payments and refunds in PostgreSQL. With sql/ and functions/ the only place that names them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import OrderId, PaymentId, RefundId, cell_of
from jishi.modules.payments.types import (
    CallbackNews,
    Paid,
    Payment,
    PaymentState,
    PayPage,
    Refund,
    RefundState,
)

_FIND: Final = "SELECT * FROM payment WHERE cell = $1 AND id = $2"
_FIND_REFUND: Final = "SELECT * FROM refund WHERE cell = $1 AND id = $2"
_ADD: Final = """
INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency, state, order_ids,
    order_amounts, created_at, expires_at)
VALUES ($1, $2, $2, 0, $3, $4, $5, 'open', '{}', '{}', $6, $7)
"""
_CHOOSE: Final = load_sql(__package__, "choose_provider")
# A page made while the payment was paid, closed or moved to another provider is not its page.
_SAVE_PAGE: Final = """
UPDATE payment SET provider_ref = coalesce(nullif($3, ''), provider_ref), pay_url = $4
WHERE cell = $1 AND id = $2 AND provider = $5 AND state <> 'paid'
"""
_SAVE_LEFT_PAGE: Final = """
UPDATE payment_ask SET provider_ref = coalesce(nullif($3, ''), provider_ref), pay_url = $4
WHERE cell = $1 AND payment_id = $2 AND provider = $5
"""
_CLAIM_ONE: Final = """
UPDATE payment SET check_at = $3
WHERE cell = $1 AND id = $2 AND state <> 'paid' AND check_at > $3 RETURNING *
"""
_CLAIM: Final = load_sql(__package__, "claim_payments")
_SAVE_CHECKS: Final = """
UPDATE payment p SET check_at = n.check_at
FROM unnest($1::smallint[], $2::bigint[], $3::timestamptz[]) n(cell, id, check_at)
WHERE p.cell = n.cell AND p.id = n.id AND p.state <> 'paid'
"""
_PAID: Final = """
SELECT p.id, coalesce(p.double_of, p.id) AS number, p.provider_ref, p.amount_minor, p.currency
FROM unnest($1::smallint[], $2::bigint[]) n(cell, id)
JOIN payment p ON p.cell = n.cell AND p.id = n.id
"""
_CLAIM_ASKS: Final = load_sql(__package__, "claim_asks")
_SAVE_ASKS: Final = """
UPDATE payment_ask a SET check_at = n.check_at
FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::timestamptz[])
    n(cell, payment_id, provider, check_at)
WHERE a.cell = n.cell AND a.payment_id = n.payment_id AND a.provider = n.provider
    AND a.check_at IS NOT NULL
"""
_REFUND_PROVIDERS: Final = """
SELECT r.id, r.provider FROM unnest($1::smallint[], $2::bigint[]) n(cell, id)
JOIN refund r ON r.cell = n.cell AND r.id = n.id
"""
_CLAIM_REFUNDS: Final = load_sql(__package__, "claim_refunds")
# A callback may have ended a refund before its sending is written: the state guards.
_SAVE_SENT: Final = """
UPDATE refund r SET state = 'sent', sent_at = $5, retry_at = n.retry_at, last_error = NULL,
    provider_ref = n.ref
FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::timestamptz[]) n(cell, id, ref, retry_at)
WHERE r.cell = n.cell AND r.id = n.id AND r.state = 'asked'
"""
_SAVE_PAUSES: Final = """
UPDATE refund r SET retry_at = n.retry_at, last_error = coalesce(n.error, r.last_error)
FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::timestamptz[])
    n(cell, id, error, retry_at)
WHERE r.cell = n.cell AND r.id = n.id AND r.state IN ('asked', 'sent')
"""
_SEND_AGAIN: Final = """
UPDATE refund SET state = 'asked', retry_at = $3, ended_at = NULL, attempts = 0
WHERE cell = $1 AND id = $2 AND state = 'failed' RETURNING *
"""
_NOTE: Final = load_sql(__package__, "note_news")

_PAYMENT_COLUMNS: Final = tuple(column.name for column in fields(Payment))
_REFUND_COLUMNS: Final = tuple(column.name for column in fields(Refund))


async def find_payment(tx: Tx, payment_id: PaymentId) -> Payment | None:
    row = await tx.fetchrow(_FIND, cell_of(payment_id), payment_id)
    return _payment(row) if row else None


async def add_payment(
    tx: Tx,
    payment_id: PaymentId,
    *,
    provider: str,
    amount_minor: int,
    currency: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """A payment for no order and of no buyer: whoever adds it writes down what it is for, and takes its
    money when it is recorded. It is paid at this provider or not at all."""
    facts = (provider, amount_minor, currency, now, expires_at)
    await tx.execute(_ADD, cell_of(payment_id), payment_id, *facts)


async def choose_provider(
    tx: Tx, payment_id: PaymentId, provider: str, *, now: datetime, check_at: datetime
) -> Payment | None:
    """The payment at ``provider``, from now on known there perhaps; None when it is not open.

    A provider it was asked at before is kept as left; what is known of the chosen one comes back.
    """
    row = await tx.fetchrow(_CHOOSE, cell_of(payment_id), payment_id, now, check_at, provider)
    return _payment(row) if row else None


async def save_page(tx: Tx, payment_id: PaymentId, provider: str, page: PayPage) -> None:
    facts = (cell_of(payment_id), payment_id, page.provider_ref, page.pay_url, provider)
    await tx.execute(_SAVE_PAGE, *facts)
    await tx.execute(_SAVE_LEFT_PAGE, *facts)


async def claim_payment(tx: Tx, payment_id: PaymentId, *, until: datetime) -> Payment | None:
    """The unpaid payment for asking now; None when it is paid, or asked or due about now."""
    row = await tx.fetchrow(_CLAIM_ONE, cell_of(payment_id), payment_id, until)
    return _payment(row) if row else None


async def claim_payments(tx: Tx, *, now: datetime, until: datetime, limit: int) -> list[Payment]:
    return [_payment(row) for row in await tx.fetch(_CLAIM, now, until, limit)]


async def save_checks(tx: Tx, checks: Sequence[tuple[PaymentId, datetime | None]]) -> None:
    """When to ask about each payment again; None: never."""
    ids = [payment_id for payment_id, _ in checks]
    cells = [cell_of(payment_id) for payment_id in ids]
    await tx.execute(_SAVE_CHECKS, cells, ids, [check_at for _, check_at in checks])


async def list_paid(tx: Tx, payment_ids: Sequence[PaymentId]) -> dict[PaymentId, Paid]:
    """Payments as their providers know them, by our id."""
    ids = sorted(set(payment_ids))
    rows = await tx.fetch(_PAID, [cell_of(payment_id) for payment_id in ids], ids)
    return {
        PaymentId(row["id"]): Paid(
            number=PaymentId(row["number"]),
            ref=row["provider_ref"],
            amount_minor=row["amount_minor"],
            currency=row["currency"],
        )
        for row in rows
    }


async def claim_asks(tx: Tx, *, now: datetime, until: datetime, limit: int) -> list[Payment]:
    """Payments at providers their buyers left, as if that provider were theirs."""
    return [_payment(row) for row in await tx.fetch(_CLAIM_ASKS, now, until, limit)]


async def save_asks(tx: Tx, checks: Sequence[tuple[PaymentId, str, datetime | None]]) -> None:
    """When to ask each left provider again; None: never."""
    ids = [payment_id for payment_id, _, _ in checks]
    cells = [cell_of(payment_id) for payment_id in ids]
    providers, ats = [it for _, it, _ in checks], [at for _, _, at in checks]
    await tx.execute(_SAVE_ASKS, cells, ids, providers, ats)


async def refund_providers(tx: Tx, refund_ids: Sequence[RefundId]) -> dict[RefundId, str]:
    """Which provider each refund goes through; what does not exist is left out."""
    ids = sorted(set(refund_ids))
    rows = await tx.fetch(_REFUND_PROVIDERS, [cell_of(it) for it in ids], ids)
    return {RefundId(row["id"]): row["provider"] for row in rows}


async def find_refund(tx: Tx, refund_id: RefundId) -> Refund | None:
    row = await tx.fetchrow(_FIND_REFUND, cell_of(refund_id), refund_id)
    return _refund(row) if row else None


async def claim_refunds(
    tx: Tx, state: RefundState, *, now: datetime, until: datetime, limit: int
) -> list[Refund]:
    rows = await tx.fetch(_CLAIM_REFUNDS, state, now, until, limit)
    return [_refund(row) for row in rows]


async def save_sent(
    tx: Tx, sent: Sequence[tuple[RefundId, str, datetime]], *, now: datetime
) -> None:
    """Refunds the provider has: its reference, and when to ask after each."""
    ids, refs, retry_ats = _columns(sent)
    await tx.execute(_SAVE_SENT, [cell_of(it) for it in ids], ids, refs, retry_ats, now)


async def save_pauses(tx: Tx, pauses: Sequence[tuple[RefundId, str | None, datetime]]) -> None:
    """Refunds to be tried again: why (None: nothing went wrong) and when."""
    ids, errors, retry_ats = _columns(pauses)
    await tx.execute(_SAVE_PAUSES, [cell_of(it) for it in ids], ids, errors, retry_ats)


async def send_again(tx: Tx, refund_id: RefundId, *, now: datetime) -> Refund | None:
    row = await tx.fetchrow(_SEND_AGAIN, cell_of(refund_id), refund_id, now)
    return _refund(row) if row else None


async def note_news(
    tx: Tx, noted: Sequence[tuple[CallbackNews, str, bool]], *, now: datetime
) -> None:
    """News, its verdict, and whether there is such a payment."""
    await tx.execute(
        _NOTE,
        [cell_of(news.payment_id) if is_known else 0 for news, _, is_known in noted],
        [news.provider for news, _, _ in noted],
        [news.event_id for news, _, _ in noted],
        [news.kind for news, _, _ in noted],
        [news.payment_id for news, _, _ in noted],
        [news.amount_minor for news, _, _ in noted],
        [verdict for _, verdict, _ in noted],
        now,
    )


def _columns(
    rows: Sequence[tuple[RefundId, str | None, datetime]],
) -> tuple[list[RefundId], list[str | None], list[datetime]]:
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def _payment(row: Row) -> Payment:
    facts = {name: row[name] for name in _PAYMENT_COLUMNS}
    facts["state"] = PaymentState(facts["state"])
    facts["order_ids"] = tuple(OrderId(order_id) for order_id in facts["order_ids"])
    return Payment(**facts)


def _refund(row: Row) -> Refund:
    facts = {name: row[name] for name in _REFUND_COLUMNS}
    return Refund(**{**facts, "state": RefundState(facts["state"])})
