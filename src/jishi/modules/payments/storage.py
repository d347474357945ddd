"""Payments and refunds in PostgreSQL. With sql/ and functions/ the only place that names them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import OrderId, PaymentId, RefundId, cell_of
from jishi.modules.payments.types import (
    CallbackNews,
    Payment,
    PaymentState,
    PayPage,
    Refund,
    RefundState,
)

_FIND: Final = "SELECT * FROM payment WHERE cell = $1 AND id = $2"
_FIND_REFUND: Final = "SELECT * FROM refund WHERE cell = $1 AND id = $2"
# rule: rules.may_open
_ASK: Final = """
UPDATE payment SET asked_at = coalesce(asked_at, $3), check_at = coalesce(check_at, $4)
WHERE cell = $1 AND id = $2 AND state = 'open' AND expires_at > $3 RETURNING *
"""
_SAVE_PAGE: Final = """
UPDATE payment SET provider_ref = coalesce(provider_ref, $3), pay_url = $4
WHERE cell = $1 AND id = $2
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
_CURRENCIES: Final = """
SELECT p.id, p.currency FROM unnest($1::smallint[], $2::bigint[]) n(cell, id)
JOIN payment p ON p.cell = n.cell AND p.id = n.id
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


async def mark_asked(
    tx: Tx, payment_id: PaymentId, *, now: datetime, check_at: datetime
) -> Payment | None:
    """The payment, from now on known to its provider perhaps; None when it is not open."""
    row = await tx.fetchrow(_ASK, cell_of(payment_id), payment_id, now, check_at)
    return _payment(row) if row else None


async def save_page(tx: Tx, payment_id: PaymentId, page: PayPage) -> None:
    await tx.execute(_SAVE_PAGE, cell_of(payment_id), payment_id, page.provider_ref, page.pay_url)


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


async def list_currencies(tx: Tx, payment_ids: Sequence[PaymentId]) -> dict[PaymentId, str]:
    ids = sorted(set(payment_ids))
    rows = await tx.fetch(_CURRENCIES, [cell_of(payment_id) for payment_id in ids], ids)
    return {PaymentId(row["id"]): row["currency"] for row in rows}


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
