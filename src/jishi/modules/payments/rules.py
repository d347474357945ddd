"""What news means, and when a provider is asked again. Pure: the caller brings facts and time."""

from datetime import datetime, timedelta

from jishi.modules.payments.types import (
    CallbackNews,
    NewsKind,
    NewsVerdict,
    Payment,
    PaymentStanding,
    PaymentState,
    Refund,
    RefundStanding,
    RefundState,
    RefundVerdict,
    Standing,
)

FIRST_CHECK = timedelta(minutes=1)  # after the page was asked for
BEFORE_LAPSE = timedelta(minutes=1)  # asked once more before the order would lapse
AFTER_LAPSE = timedelta(seconds=5)  # the provider's own clock has closed it by then
CHECK_FOR = timedelta(days=3)  # after the window; what is still unclear then is for a person
LAST_PAUSE = timedelta(hours=6)
REFUND_PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)


def judge_news(
    news: CallbackNews,
    payment: Payment | None,
    *,
    left: frozenset[str] = frozenset(),
    returned: frozenset[str] = frozenset(),
) -> NewsVerdict:
    """What to do with news of kind PAID. The SQL function ``record_payments`` repeats this.

    ``left``: providers the payment was asked at before its present one; ``returned``: those of
    them whose money came second and is on its way back. A closed payment is recorded too: whether
    the money is late is judged order by order.
    """
    if payment is None or news.provider not in {payment.provider, *left}:
        return NewsVerdict.UNKNOWN
    if payment.amount_minor != news.amount_minor or news.currency not in (None, payment.currency):
        return NewsVerdict.WRONG_AMOUNT
    if payment.state is not PaymentState.PAID:
        return NewsVerdict.RECORDED
    is_second = payment.provider != news.provider and news.provider not in returned
    return NewsVerdict.DOUBLE if is_second else NewsVerdict.REPEAT


def judge_refund_news(news: CallbackNews, refund: Refund | None) -> RefundVerdict:
    """What to do with news about a refund. The SQL function ``end_refunds`` repeats this, but for
    the provider, which ``service.known_refunds`` asks before it."""
    if refund is None or refund.provider != news.provider:
        return RefundVerdict.UNKNOWN
    if refund.amount_minor != news.amount_minor:
        return RefundVerdict.WRONG_AMOUNT
    if refund.state is RefundState.CONFIRMED:
        return RefundVerdict.REPEAT
    if news.kind is NewsKind.REFUNDED:
        return RefundVerdict.CONFIRMED
    return RefundVerdict.REPEAT if refund.state is RefundState.FAILED else RefundVerdict.FAILED


def may_open(payment: Payment, *, now: datetime) -> bool:
    """Whether a pay page may still be asked for. The instant ``expires_at`` is too late."""
    return payment.state is PaymentState.OPEN and now < payment.expires_at


def next_check_at(
    *, asked_at: datetime, expires_at: datetime, standing: Standing | None, now: datetime
) -> datetime | None:
    """When to ask the provider about an unpaid payment again; None: its last word is known.

    ``standing`` is what it said just now, None when it did not answer. Pauses double from
    ``asked_at``; one check falls just before the order lapses and one just after.
    """
    if standing is Standing.CLOSED or (standing is Standing.UNKNOWN and now >= expires_at):
        return None
    doubled = now + max(now - asked_at, FIRST_CHECK)
    if now >= expires_at:
        return None if now - expires_at >= CHECK_FOR else min(doubled, now + LAST_PAUSE)
    last_call = expires_at - BEFORE_LAPSE
    return min(doubled, last_call) if now < last_call else expires_at + AFTER_LAPSE


def refund_retry_at(*, attempts: int, now: datetime) -> datetime:
    """When a refund is sent, or asked after, again; ``attempts`` (≥ 1) counts this one.

    It never gives up: the money is owed.
    """
    return now + REFUND_PAUSES[min(attempts, len(REFUND_PAUSES)) - 1]


def payment_news(payment: Payment, said: PaymentStanding, *, now: datetime) -> CallbackNews | None:
    """The news in a provider's answer, in the shape of a callback; None when there is none."""
    kinds = {Standing.DONE: NewsKind.PAID, Standing.CLOSED: NewsKind.CLOSED}
    kind = kinds.get(said.standing)
    if kind is None:
        return None
    return CallbackNews(
        provider=payment.provider,
        event_id=f"asked:{payment.id}:{kind.rpartition('.')[2]}",
        kind=kind,
        payment_id=payment.id,
        refund_id=None,
        amount_minor=said.amount_minor,
        currency=said.currency,
        provider_ref=said.provider_ref or None,
        occurred_at=said.since or now,
    )


def refund_news(refund: Refund, said: RefundStanding, *, now: datetime) -> CallbackNews | None:
    """The news in a provider's answer, in the shape of a callback; None while it is under way."""
    kinds = {Standing.DONE: NewsKind.REFUNDED, Standing.CLOSED: NewsKind.REFUND_FAILED}
    kind = kinds.get(said.standing)
    if kind is None:
        return None
    return CallbackNews(
        provider=refund.provider,
        event_id=f"asked:{refund.id}:{kind.rpartition('.')[2]}:{refund.attempts}",
        kind=kind,
        payment_id=refund.payment_id,
        refund_id=refund.id,
        amount_minor=said.amount_minor or refund.amount_minor,
        currency=None,
        provider_ref=said.provider_ref or None,
        occurred_at=said.since or now,
    )
