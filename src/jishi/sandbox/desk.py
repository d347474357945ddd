"""What merchants and payers may ask of the sandbox. Each call is one transaction of the book."""

import csv
import io
import secrets
from base64 import b32encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import msgspec

from jishi.sandbox import rules
from jishi.sandbox.bank_book import BankBook
from jishi.sandbox.book import Book, instant_of
from jishi.sandbox.types import (
    AddressNotAllowed,
    BadRequest,
    CreatePayment,
    CreateRefund,
    NumberTaken,
    Payment,
    PaymentNotFound,
    PayNow,
    Refund,
    RefundBehaviour,
    RefundNotFound,
    RefundState,
    Sending,
    State,
)

SETTLE_BATCH = 500  # payments or refunds ended in one transaction
KEEP_NONCES = timedelta(minutes=11)  # a signature is good for five minutes either way
KEEP_DELIVERIES = timedelta(days=7)
BILL_COLUMNS = (
    "kind",
    "out_trade_no",
    "trade_no",
    "out_refund_no",
    "refund_no",
    "amount_minor",
    "currency",
    "occurred_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The book with the rules of this sandbox; ``told`` is called when news was queued."""

    book: Book
    told: Callable[[], None]
    zone: ZoneInfo  # a bill's day is a day there
    allowed: Collection[str] = ()  # hosts besides this machine that may be called
    refund_pause: timedelta = timedelta(seconds=1)  # how long a refund stays pending


def create_payment(desk: Desk, ask: CreatePayment, *, now: datetime) -> tuple[Payment, bool]:
    """The payment of this number, and whether it is new.

    Raises AddressNotAllowed; BadRequest for a window that is past; NumberTaken when the number
    stands for other money.
    """
    for field, url in (("notify_url", ask.notify_url), ("return_url", ask.return_url)):
        if not rules.may_call(url, desk.allowed):
            raise AddressNotAllowed(field=field)
    with desk.book.transaction():
        known = desk.book.find_payment(ask.out_trade_no)
        if known is not None:
            if not rules.is_same_payment(known, ask):
                raise NumberTaken(out_trade_no=ask.out_trade_no)
            known = _settle(desk, known, now=now)
            if known.state is State.OPEN:
                known = rules.move(known, ask)
                desk.book.save_payment(known)
            return known, False
        if ask.expires_at <= now:
            raise BadRequest(detail="expires_at is past")
        payment = _opened(ask, now=now)
        desk.book.add_payment(payment)
    return payment, True


def get_payment(desk: Desk, out_trade_no: str, *, now: datetime) -> Payment:
    """The payment as it stands at ``now``. Raises PaymentNotFound."""
    with desk.book.transaction():
        return _settle(desk, _known(desk.book.find_payment(out_trade_no)), now=now)


def get_payment_by_trade_no(desk: Desk, trade_no: str, *, now: datetime) -> Payment:
    """The payment as it stands at ``now``. Raises PaymentNotFound."""
    with desk.book.transaction():
        return _settle(desk, _known(desk.book.find_payment_by_trade_no(trade_no)), now=now)


def pay(desk: Desk, out_trade_no: str, how: PayNow, *, now: datetime) -> Payment:
    """Try to pay. A declined attempt leaves the payment open.

    Raises PaymentNotFound, AlreadyPaid, PaymentClosed.
    """
    with desk.book.transaction():
        payment = _known(desk.book.find_payment(out_trade_no))
        paid, news = rules.pay(payment, how, now=now)
        _save(desk, paid, news)
    return paid


def close_payment(desk: Desk, out_trade_no: str, *, now: datetime) -> Payment:
    """Close an open payment; closing twice is the same. Raises PaymentNotFound, AlreadyPaid."""
    with desk.book.transaction():
        payment = _known(desk.book.find_payment(out_trade_no))
        closed, news = rules.close(payment, now=now)
        if closed is not payment:
            _save(desk, closed, news)
    return closed


def create_refund(desk: Desk, ask: CreateRefund, *, now: datetime) -> tuple[Refund, bool]:
    """The refund of this number, pending at first, and whether it is new; a failed one goes again.

    Raises PaymentNotFound, NotPaid, RefundTooLarge; NumberTaken when the number stands for another.
    """
    with desk.book.transaction():
        known = desk.book.find_refund(ask.out_refund_no)
        if known is not None:
            if not rules.is_same_refund(known, ask):
                raise NumberTaken(out_refund_no=ask.out_refund_no)
            known = _settle_refund(desk, known, now=now)
            if known.state is not RefundState.FAILED:
                return known, False
        payment = _known(desk.book.find_payment(ask.out_trade_no))
        rules.check_refund(payment, ask)
        ends_at = now + desk.refund_pause
        if known is None:
            refund = _asked(ask, payment, now=now)
            desk.book.add_refund(refund, ends_at=ends_at)
        else:
            refund = rules.retry_refund(known, now=now)
            desk.book.save_refund(refund, ends_at=ends_at)
        _save_refunded(desk, payment, ask.amount_minor)
    desk.told()
    return refund, known is None


def get_refund(desk: Desk, out_refund_no: str, *, now: datetime) -> Refund:
    """The refund as it stands at ``now``. Raises RefundNotFound."""
    with desk.book.transaction():
        refund = desk.book.find_refund(out_refund_no)
        if refund is None:
            raise RefundNotFound(out_refund_no=out_refund_no)
        return _settle_refund(desk, refund, now=now)


def write_bill(desk: Desk, bank: BankBook, day: date) -> str:
    """The day's movements as CSV, those of the bank after the others; what went out is negative; a line
    ``total`` at the end."""
    start = datetime.combine(day, time(), desk.zone)
    end = datetime.combine(day + timedelta(days=1), time(), desk.zone)
    page = io.StringIO(newline="")
    rows = csv.writer(page)
    rows.writerow(BILL_COLUMNS)
    total_minor = 0
    moved = chain(desk.book.each_movement(start, end), bank.each_movement(start, end))
    for kind, *numbers, amount_minor, currency, at in moved:
        total_minor += amount_minor
        rows.writerow([kind, *numbers, amount_minor, currency, instant_of(at).isoformat()])
    rows.writerow(["total", "", "", "", "", total_minor, "", end.isoformat()])
    return page.getvalue()


def settle_due(desk: Desk, *, now: datetime) -> int:
    """Close payments whose window passed and end refunds that are due: how many, one batch."""
    with desk.book.transaction():
        lapsed = desk.book.list_lapsed(now=now, limit=SETTLE_BATCH)
        for payment in lapsed:
            _settle(desk, payment, now=now)
        ending = desk.book.list_ending_refunds(now=now, limit=SETTLE_BATCH)
        for refund in ending:
            _end_refund(desk, refund, now=now)
    return len(lapsed) + len(ending)


def forget_old(desk: Desk, *, now: datetime) -> None:
    with desk.book.transaction():
        desk.book.forget(nonces_before=now - KEEP_NONCES, deliveries_before=now - KEEP_DELIVERIES)


def _opened(ask: CreatePayment, *, now: datetime) -> Payment:
    return Payment(
        trade_no=_number("SB"),  # whoever knows it may open the page
        out_trade_no=ask.out_trade_no,
        amount_minor=ask.amount_minor,
        currency=ask.currency,
        subject=ask.subject,
        notify_url=ask.notify_url,
        return_url=ask.return_url,
        state=State.OPEN,
        created_at=now,
        expires_at=ask.expires_at,
        paid_at=None,
        closed_at=None,
        method=None,
        refund_behaviour=RefundBehaviour.SUCCEED,
        refunded_minor=0,
    )


def _asked(ask: CreateRefund, payment: Payment, *, now: datetime) -> Refund:
    return Refund(
        refund_no=_number("SR"),
        out_refund_no=ask.out_refund_no,
        out_trade_no=ask.out_trade_no,
        amount_minor=ask.amount_minor,
        currency=payment.currency,
        reason=ask.reason,
        state=RefundState.PENDING,
        asked_at=now,
        ended_at=None,
        tries=1,
    )


def _number(kind: str) -> str:
    """``kind`` and twenty signs: a hundred random bits."""
    return kind + b32encode(secrets.token_bytes(13)).decode()[:20]


def _known(payment: Payment | None) -> Payment:
    if payment is None:
        raise PaymentNotFound
    return payment


def _settle(desk: Desk, payment: Payment, *, now: datetime) -> Payment:
    if not rules.is_lapsed(payment, now=now):
        return payment
    closed, news = rules.close(payment, now=now)
    _save(desk, closed, news)
    return closed


def _settle_refund(desk: Desk, refund: Refund, *, now: datetime) -> Refund:
    due = refund.state is RefundState.PENDING and now >= refund.asked_at + desk.refund_pause
    return _end_refund(desk, refund, now=now) if due else refund


def _end_refund(desk: Desk, refund: Refund, *, now: datetime) -> Refund:
    payment = _known(desk.book.find_payment(refund.out_trade_no))
    ended, news = rules.end_refund(refund, payment, now=now)
    desk.book.save_refund(ended)
    if ended.state is RefundState.FAILED:
        _save_refunded(desk, payment, -refund.amount_minor)
    _queue(desk, news)
    return ended


def _save_refunded(desk: Desk, payment: Payment, more_minor: int) -> None:
    refunded_minor = payment.refunded_minor + more_minor
    desk.book.save_payment(msgspec.structs.replace(payment, refunded_minor=refunded_minor))


def _save(desk: Desk, payment: Payment, news: list[Sending]) -> None:
    desk.book.save_payment(payment)
    _queue(desk, news)


def _queue(desk: Desk, news: list[Sending]) -> None:
    if news:
        desk.book.queue(news)
        desk.told()
