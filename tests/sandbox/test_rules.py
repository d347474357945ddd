from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.sandbox import rules
from jishi.sandbox.types import (
    AlreadyPaid,
    Behaviour,
    CreateRefund,
    Event,
    Method,
    NotPaid,
    Payment,
    PaymentClosed,
    PayNow,
    Refund,
    RefundBehaviour,
    RefundState,
    RefundTooLarge,
    State,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_payment(**changes: Any) -> Payment:
    facts: dict[str, Any] = {
        "trade_no": "SB1",
        "out_trade_no": "7",
        "amount_minor": 100,
        "currency": "CNY",
        "subject": "s",
        "notify_url": "http://127.0.0.1:1/n",
        "return_url": "http://127.0.0.1:1/r",
        "state": State.OPEN,
        "created_at": NOON - timedelta(minutes=5),
        "expires_at": NOON + timedelta(minutes=25),
        "paid_at": None,
        "closed_at": None,
        "method": None,
        "refund_behaviour": RefundBehaviour.SUCCEED,
        "refunded_minor": 0,
    }
    return Payment(**{**facts, **changes})


def a_paid(**changes: Any) -> Payment:
    return a_payment(state=State.PAID, paid_at=NOON, **changes)


def a_refund(**changes: Any) -> Refund:
    facts: dict[str, Any] = {
        "refund_no": "SR1",
        "out_refund_no": "8",
        "out_trade_no": "7",
        "amount_minor": 40,
        "currency": "CNY",
        "reason": "",
        "state": RefundState.PENDING,
        "asked_at": NOON,
        "ended_at": None,
        "tries": 1,
    }
    return Refund(**{**facts, **changes})


@pytest.mark.parametrize(
    ("_case", "url", "allowed"),
    [
        ("loopback name", "http://localhost:8000/x", True),
        ("loopback address", "http://127.0.0.1/x", True),
        ("any of 127/8", "http://127.9.9.9:80/x", True),
        ("loopback in IPv6", "http://[::1]:8000/x", True),
        ("on the list", "https://market.example/x", True),
        ("on the list with port", "http://10.0.0.7:8000/x", True),
        ("on the list, other port", "http://10.0.0.7:22/x", False),
        ("metadata service", "http://169.254.169.254/latest", False),
        ("private net", "http://192.168.0.1/", False),
        ("unspecified address", "http://0.0.0.0/", False),
        ("mapped address", "http://[::ffff:10.0.0.1]/", False),
        ("decimal address", "http://2130706433/", False),
        ("short address", "http://127.1/", False),
        ("credentials hide the host", "http://127.0.0.1@evil.example/", False),
        ("credentials for loopback", "http://me:pw@127.0.0.1/", False),
        ("backslash", "http://127.0.0.1\\@evil.example/", False),
        ("white space", "http://127.0.0.1 .evil.example/", False),
        ("newline", "http://127.0.0.1/\r\nX: y", False),
        ("loopback as a label", "http://127.0.0.1.evil.example/", False),
        ("localhost as a label", "http://localhost.evil.example/", False),
        ("other scheme", "file:///etc/passwd", False),
        ("script", "javascript:alert(1)", False),
        ("no host", "http:///x", False),
        ("port out of range", "http://127.0.0.1:99999/", False),
        ("broken bracket", "http://[::1/", False),
        ("empty", "", False),
    ],
)
def test_only_this_machine_and_listed_hosts_are_called(
    _case: str, url: str, *, allowed: bool
) -> None:
    assert rules.may_call(url, {"market.example", "10.0.0.7:8000"}) is allowed


@given(st.text(max_size=60))
def test_any_text_is_judged_without_a_fall(text: str) -> None:
    assert rules.may_call(text, set()) in {True, False}
    assert rules.may_call(f"http://{text}/", set()) in {True, False}


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_no_unlisted_name_is_called(name: str) -> None:
    assert not rules.may_call(f"http://{name}.example/", set())


def test_pauses_grow_and_end_after_a_day() -> None:
    at, pauses = NOON, []
    for tries in range(1, 400):
        again = rules.next_try_at(tries=tries, first_due_at=NOON, now=at)
        if again is None:
            break
        pauses.append((again - at).total_seconds())
        at = again
    assert pauses[:8] == [1, 2, 5, 15, 30, 60, 60, 60]
    assert pauses == sorted(pauses)
    assert timedelta(hours=24) <= at - NOON < timedelta(hours=24, minutes=10)


@pytest.mark.parametrize(
    ("behaviour", "sent"),
    [
        (Behaviour.PROMPT, [(Event.PAID, 0)]),
        (Behaviour.LATE, [(Event.PAID, 9)]),
        (Behaviour.TWICE, [(Event.PAID, 0), (Event.PAID, 0)]),
        (Behaviour.OUT_OF_ORDER, [(Event.CLOSED, 0), (Event.PAID, 9)]),
        (Behaviour.SILENT, []),
    ],
)
def test_a_behaviour_decides_how_the_news_travels(
    behaviour: Behaviour, sent: list[tuple[Event, int]]
) -> None:
    paid, news = rules.pay(a_payment(), PayNow(behaviour=behaviour, seconds=9), now=NOON)
    assert (paid.state, paid.paid_at, paid.method) == (State.PAID, NOON, Method.WALLET)
    assert [(one.news.event, (one.due_at - NOON).seconds) for one in news] == sent
    if behaviour is Behaviour.TWICE:
        assert len({one.news.id for one in news}) == 1


def test_a_declined_attempt_takes_nothing() -> None:
    payment = a_payment()
    assert rules.pay(payment, PayNow(behaviour=Behaviour.FAIL), now=NOON) == (payment, [])


@pytest.mark.parametrize(
    ("_case", "payment", "refusal"),
    [
        ("paid", a_paid(), AlreadyPaid),
        ("closed", a_payment(state=State.CLOSED, closed_at=NOON), PaymentClosed),
        ("lapsed this very instant", a_payment(expires_at=NOON), PaymentClosed),
    ],
)
def test_what_is_over_cannot_be_paid(
    _case: str, payment: Payment, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        rules.pay(payment, PayNow(), now=NOON)


def test_closing_twice_tells_once() -> None:
    closed, news = rules.close(a_payment(), now=NOON)
    assert [one.news.event for one in news] == [Event.CLOSED]
    assert rules.close(closed, now=NOON) == (closed, [])
    with pytest.raises(AlreadyPaid):
        rules.close(a_paid(), now=NOON)


@given(st.lists(st.integers(1, 60), max_size=12))
def test_refunds_together_never_exceed_what_was_paid(amounts: list[int]) -> None:
    payment = a_paid()
    for amount in amounts:
        ask = CreateRefund(out_refund_no="8", out_trade_no="7", amount_minor=amount)
        try:
            rules.check_refund(payment, ask)
        except RefundTooLarge:
            assert payment.refunded_minor + amount > payment.amount_minor
            continue
        payment = a_paid(refunded_minor=payment.refunded_minor + amount)
    assert payment.refunded_minor <= payment.amount_minor


def test_what_is_not_paid_is_not_refunded() -> None:
    with pytest.raises(NotPaid):
        rules.check_refund(a_payment(), CreateRefund("8", "7", 1))


@pytest.mark.parametrize(
    ("behaviour", "tries", "state", "events"),
    [
        (RefundBehaviour.SUCCEED, 1, RefundState.SUCCEEDED, [Event.REFUNDED]),
        (RefundBehaviour.SILENT, 1, RefundState.SUCCEEDED, []),
        (RefundBehaviour.FAIL, 1, RefundState.FAILED, [Event.REFUND_FAILED]),
        (RefundBehaviour.FAIL, 2, RefundState.SUCCEEDED, [Event.REFUNDED]),
    ],
)
def test_a_refund_ends_as_the_payer_chose(
    behaviour: RefundBehaviour, tries: int, state: RefundState, events: list[Event]
) -> None:
    paid = a_paid(refund_behaviour=behaviour)
    ended, news = rules.end_refund(a_refund(tries=tries), paid, now=NOON)
    assert (ended.state, ended.ended_at) == (state, NOON)
    assert [one.news.event for one in news] == events
