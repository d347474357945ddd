"""Payments and refunds for tests, as values and as rows."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from jishi.db import Pool
from jishi.kit.ids import AccountId, CheckoutId, IdMaker, OrderId, PaymentId, RefundId, cell_of
from jishi.modules.payments.types import (
    CallbackNews,
    NewsKind,
    Paid,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ids = IdMaker(200)
_events = count(1)


def a_payment(**changes: Any) -> Payment:
    facts: dict[str, Any] = {
        "id": PaymentId(ids.make(7)),
        "checkout_id": CheckoutId(ids.make(7)),
        "buyer_id": AccountId(ids.make(7)),
        "provider": "sandbox",
        "amount_minor": 25_000,
        "currency": "CNY",
        "state": PaymentState.OPEN,
        "order_ids": (OrderId(ids.make(9)),),
        "provider_ref": None,
        "pay_url": None,
        "created_at": NOON,
        "expires_at": NOON + timedelta(minutes=30),
        "asked_at": None,
        "paid_at": None,
    }
    return Payment(**{**facts, **changes})


def paid_of(payment: Payment, ref: str | None = None) -> Paid:
    """The payment as its provider knows it."""
    return Paid(
        number=payment.id,
        ref=ref or payment.provider_ref,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
    )


def a_refund(**changes: Any) -> Refund:
    facts: dict[str, Any] = {
        "id": RefundId(ids.make(9)),
        "order_id": OrderId(ids.make(9)),
        "payment_id": PaymentId(ids.make(7)),
        "provider": "sandbox",
        "amount_minor": 25_000,
        "state": RefundState.ASKED,
        "why": "buyer_asked",
        "provider_ref": None,
        "attempts": 0,
        "last_error": None,
        "asked_at": NOON,
        "sent_at": None,
        "ended_at": None,
    }
    return Refund(**{**facts, **changes})


def some_news(**changes: Any) -> CallbackNews:
    facts: dict[str, Any] = {
        "provider": "sandbox",
        "event_id": f"event-{next(_events)}",
        "kind": NewsKind.PAID,
        "payment_id": PaymentId(ids.make(7)),
        "refund_id": None,
        "amount_minor": 25_000,
        "currency": "CNY",
        "provider_ref": "SB1",
        "occurred_at": NOON,
    }
    return CallbackNews(**{**facts, **changes})


async def insert_payment(pool: Pool, payment: Payment, *, check_at: datetime | None = None) -> None:
    await pool.execute(
        "INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency,"
        " state, order_ids, order_amounts, provider_ref, pay_url, created_at, expires_at, asked_at,"
        " paid_at, check_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " $15, $16, $17)",
        cell_of(payment.id),
        payment.id,
        payment.checkout_id,
        payment.buyer_id,
        payment.provider,
        payment.amount_minor,
        payment.currency,
        payment.state,
        list(payment.order_ids),
        [payment.amount_minor],
        payment.provider_ref,
        payment.pay_url,
        payment.created_at,
        payment.expires_at,
        payment.asked_at,
        payment.paid_at,
        check_at,
    )


async def insert_refund(pool: Pool, refund: Refund, *, retry_at: datetime | None = None) -> None:
    await pool.execute(
        "INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, state, why,"
        " attempts, asked_at, retry_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        cell_of(refund.id),
        refund.id,
        refund.order_id,
        refund.payment_id,
        refund.provider,
        refund.amount_minor,
        refund.state,
        refund.why,
        refund.attempts,
        refund.asked_at,
        retry_at or refund.asked_at,
    )
