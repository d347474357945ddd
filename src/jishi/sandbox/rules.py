"""What the sandbox decides. Pure: the caller brings the facts and the time."""

import ipaddress
from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from jishi.sandbox.types import (
    AlreadyPaid,
    Behaviour,
    CreatePayment,
    CreateRefund,
    Event,
    News,
    NotPaid,
    Payment,
    PaymentClosed,
    PayNow,
    Refund,
    RefundBehaviour,
    RefundState,
    RefundTooLarge,
    Sending,
    State,
)

FIRST_PAUSES_SECONDS = (1, 2, 5, 15, 30, 60)
HOUR = timedelta(hours=1)
LATER_PAUSE_SECONDS = 600  # once a delivery is an hour old
GIVE_UP_AFTER = timedelta(hours=24)


def may_call(url: str, allowed: Collection[str]) -> bool:
    """Whether news and buyers may be sent to ``url``: this machine, or a host on the allow-list.

    ``allowed`` holds ``host`` or ``host:port``. Credentials in the address are refused, and so is
    anything that would read differently elsewhere (backslash, white space, control characters).
    """
    if any(ord(sign) <= ord(" ") or sign in "\\\x7f" for sign in url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return False
    return is_loopback(host) or host in allowed or f"{host}:{port}" in allowed


def is_loopback(host: str) -> bool:
    """Whether ``host`` is ``localhost`` or a loopback address written plainly."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def next_try_at(*, tries: int, first_due_at: datetime, now: datetime) -> datetime | None:
    """When a delivery that failed ``tries`` times (≥ 1) goes out again; None: given up."""
    if now - first_due_at >= GIVE_UP_AFTER:
        return None
    if tries <= len(FIRST_PAUSES_SECONDS):
        return now + timedelta(seconds=FIRST_PAUSES_SECONDS[tries - 1])
    young = now - first_due_at < HOUR
    return now + timedelta(seconds=FIRST_PAUSES_SECONDS[-1] if young else LATER_PAUSE_SECONDS)


def is_lapsed(payment: Payment, *, now: datetime) -> bool:
    """Whether the window has passed unpaid. The instant ``expires_at`` itself is too late."""
    return payment.state is State.OPEN and now >= payment.expires_at


def is_same_payment(payment: Payment, ask: CreatePayment) -> bool:
    """Whether a repeated number asks for the same money; where it is told may move."""
    return (payment.amount_minor, payment.currency) == (ask.amount_minor, ask.currency)


def is_same_refund(refund: Refund, ask: CreateRefund) -> bool:
    return (refund.out_trade_no, refund.amount_minor) == (ask.out_trade_no, ask.amount_minor)


def pay(payment: Payment, how: PayNow, *, now: datetime) -> tuple[Payment, list[Sending]]:
    """The payment after an attempt, and the news it causes; a declined attempt changes nothing.

    Raises AlreadyPaid; PaymentClosed once closed or lapsed.
    """
    if payment.state is State.PAID:
        raise AlreadyPaid(out_trade_no=payment.out_trade_no)
    if payment.state is State.CLOSED or is_lapsed(payment, now=now):
        raise PaymentClosed(out_trade_no=payment.out_trade_no)
    if how.behaviour is Behaviour.FAIL:
        return payment, []
    paid = msgspec.structs.replace(
        payment, state=State.PAID, paid_at=now, method=how.method, refund_behaviour=how.refunds
    )
    return paid, pay_news(paid, how, now=now)


def pay_news(paid: Payment, how: PayNow, *, now: datetime) -> list[Sending]:
    """How the news of a payment leaves, by behaviour."""
    later = now + timedelta(seconds=how.seconds)
    news = payment_news(paid, Event.PAID, now=now)
    match how.behaviour:
        case Behaviour.LATE:
            return [_send(paid, news, later)]
        case Behaviour.TWICE:
            return [_send(paid, news, now), _send(paid, news, now)]
        case Behaviour.OUT_OF_ORDER:
            overtaking = payment_news(paid, Event.CLOSED, now=now)
            return [_send(paid, overtaking, now), _send(paid, news, later)]
        case Behaviour.SILENT | Behaviour.FAIL:
            return []
        case Behaviour.PROMPT:
            return [_send(paid, news, now)]


def close(payment: Payment, *, now: datetime) -> tuple[Payment, list[Sending]]:
    """The payment closed, and the news; closing again changes nothing. Raises AlreadyPaid."""
    if payment.state is State.PAID:
        raise AlreadyPaid(out_trade_no=payment.out_trade_no)
    if payment.state is State.CLOSED:
        return payment, []
    closed = msgspec.structs.replace(payment, state=State.CLOSED, closed_at=now)
    return closed, [_send(closed, payment_news(closed, Event.CLOSED, now=now), now)]


def move(payment: Payment, ask: CreatePayment) -> Payment:
    """The payment telling, and returning to, where it was asked for last."""
    return msgspec.structs.replace(payment, notify_url=ask.notify_url, return_url=ask.return_url)


def check_refund(payment: Payment, ask: CreateRefund) -> None:
    """Whether this much may still go back.

    Raises NotPaid; RefundTooLarge when the refunds together would exceed what was paid."""
    if payment.state is not State.PAID:
        raise NotPaid(out_trade_no=payment.out_trade_no)
    left_minor = payment.amount_minor - payment.refunded_minor
    if ask.amount_minor > left_minor:
        raise RefundTooLarge(left_minor=left_minor)


def retry_refund(refund: Refund, *, now: datetime) -> Refund:
    """A failed refund under way again."""
    assert refund.state is RefundState.FAILED
    return msgspec.structs.replace(
        refund, state=RefundState.PENDING, asked_at=now, ended_at=None, tries=refund.tries + 1
    )


def end_refund(refund: Refund, payment: Payment, *, now: datetime) -> tuple[Refund, list[Sending]]:
    """How a pending refund ends, by what was chosen when the payment was made.

    A refund that is to fail does so the first time; asked for again, it succeeds.
    """
    failed = payment.refund_behaviour is RefundBehaviour.FAIL and refund.tries == 1
    state = RefundState.FAILED if failed else RefundState.SUCCEEDED
    ended = msgspec.structs.replace(refund, state=state, ended_at=now)
    if payment.refund_behaviour is RefundBehaviour.SILENT:
        return ended, []
    return ended, [_send(payment, refund_news(ended, payment, now=now), now)]


def payment_news(payment: Payment, event: Event, *, now: datetime) -> News:
    return News(
        id=f"{payment.trade_no}-{event.rpartition('.')[2]}",
        event=event,
        out_trade_no=payment.out_trade_no,
        trade_no=payment.trade_no,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        occurred_at=now,
        paid_at=payment.paid_at if event is Event.PAID else None,
    )


def refund_news(refund: Refund, payment: Payment, *, now: datetime) -> News:
    event = Event.REFUNDED if refund.state is RefundState.SUCCEEDED else Event.REFUND_FAILED
    return News(
        id=f"{refund.refund_no}-{refund.tries}-{event.rpartition('.')[2]}",
        event=event,
        out_trade_no=payment.out_trade_no,
        trade_no=payment.trade_no,
        amount_minor=refund.amount_minor,
        currency=payment.currency,
        occurred_at=now,
        out_refund_no=refund.out_refund_no,
        refund_no=refund.refund_no,
    )


def _send(payment: Payment, news: News, due_at: datetime) -> Sending:
    return Sending(news=news, notify_url=payment.notify_url, due_at=due_at)
