from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.moves import reachable
from jishi.modules.payments import rules
from jishi.modules.payments.types import (
    MOVES,
    REFUND_MOVES,
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
from tests.modules.payments.makers import NOON, a_payment, a_refund, some_news

PAID = a_payment(state=PaymentState.PAID, paid_at=NOON)


@pytest.mark.parametrize(
    ("_case", "news", "payment", "verdict"),
    [
        ("open", some_news(), a_payment(), NewsVerdict.RECORDED),
        ("late", some_news(), a_payment(state=PaymentState.CLOSED), NewsVerdict.RECORDED),
        ("paid before", some_news(), PAID, NewsVerdict.REPEAT),
        ("less money", some_news(amount_minor=24_999), a_payment(), NewsVerdict.WRONG_AMOUNT),
        ("more money", some_news(amount_minor=25_001), a_payment(), NewsVerdict.WRONG_AMOUNT),
        ("other money", some_news(currency="JPY"), a_payment(), NewsVerdict.WRONG_AMOUNT),
        ("wrong and paid before", some_news(amount_minor=1), PAID, NewsVerdict.WRONG_AMOUNT),
        ("currency not said", some_news(currency=None), a_payment(), NewsVerdict.RECORDED),
        ("no such payment", some_news(), None, NewsVerdict.UNKNOWN),
        ("someone else's payment", some_news(provider="stripe"), a_payment(), NewsVerdict.UNKNOWN),
    ],
)
def test_news_of_a_payment_is_judged(
    _case: str, news: CallbackNews, payment: Payment | None, verdict: NewsVerdict
) -> None:
    assert rules.judge_news(news, payment) is verdict


SUCCEEDED = some_news(kind=NewsKind.REFUNDED)
FAILED = some_news(kind=NewsKind.REFUND_FAILED)


@pytest.mark.parametrize(
    ("_case", "news", "refund", "verdict"),
    [
        ("sent", SUCCEEDED, a_refund(state=RefundState.SENT), RefundVerdict.CONFIRMED),
        ("not yet written as sent", SUCCEEDED, a_refund(), RefundVerdict.CONFIRMED),
        ("failed first", SUCCEEDED, a_refund(state=RefundState.FAILED), RefundVerdict.CONFIRMED),
        ("again", SUCCEEDED, a_refund(state=RefundState.CONFIRMED), RefundVerdict.REPEAT),
        ("failed", FAILED, a_refund(state=RefundState.SENT), RefundVerdict.FAILED),
        ("failed again", FAILED, a_refund(state=RefundState.FAILED), RefundVerdict.REPEAT),
        ("failed too late", FAILED, a_refund(state=RefundState.CONFIRMED), RefundVerdict.REPEAT),
        ("other amount", SUCCEEDED, a_refund(amount_minor=1), RefundVerdict.WRONG_AMOUNT),
        ("no such refund", SUCCEEDED, None, RefundVerdict.UNKNOWN),
    ],
)
def test_news_of_a_refund_is_judged(
    _case: str, news: CallbackNews, refund: Refund | None, verdict: RefundVerdict
) -> None:
    assert rules.judge_refund_news(news, refund) is verdict


def test_every_state_can_be_reached_and_money_never_moves_back() -> None:
    assert reachable(PaymentState.OPEN, MOVES) == set(PaymentState)
    assert reachable(RefundState.ASKED, REFUND_MOVES) == set(RefundState)
    assert MOVES[PaymentState.PAID] == REFUND_MOVES[RefundState.CONFIRMED] == frozenset()


@given(
    st.lists(st.tuples(st.sampled_from(NewsKind), st.integers(24_999, 25_001)), max_size=12),
    st.sampled_from([PaymentState.OPEN, PaymentState.CLOSED]),
)
def test_however_often_news_comes_money_is_recorded_once(
    told: list[tuple[NewsKind, int]], state: PaymentState
) -> None:
    recorded, payment = 0, a_payment(state=state)
    for kind, amount_minor in told:
        if kind is not NewsKind.PAID:
            continue
        verdict = rules.judge_news(some_news(kind=kind, amount_minor=amount_minor), payment)
        if verdict is NewsVerdict.RECORDED:
            assert PaymentState.PAID in MOVES[payment.state]
            recorded += 1
            payment = a_payment(state=PaymentState.PAID, paid_at=NOON)
    assert recorded == min(1, [a for k, a in told if k is NewsKind.PAID].count(25_000))


@given(st.lists(st.sampled_from([SUCCEEDED, FAILED]), max_size=12))
def test_a_refund_is_confirmed_at_most_once_in_any_order(told: list[CallbackNews]) -> None:
    state, confirmed = RefundState.ASKED, 0
    for news in told:
        verdict = rules.judge_refund_news(news, a_refund(state=state))
        if verdict is not RefundVerdict.REPEAT:
            after = RefundState(verdict)
            assert after in REFUND_MOVES[state]
            state, confirmed = after, confirmed + (after is RefundState.CONFIRMED)
    assert confirmed == (SUCCEEDED in told)


minutes = st.integers(0, 60 * 24 * 4)


@given(minutes, st.integers(1, 60), st.sampled_from([*Standing, None]))
def test_checks_move_on_and_end(age: int, window: int, standing: Standing | None) -> None:
    expires_at = NOON + timedelta(minutes=window)
    now = NOON + timedelta(minutes=age)
    then = rules.next_check_at(asked_at=NOON, expires_at=expires_at, standing=standing, now=now)
    if standing is Standing.CLOSED:
        assert then is None
    elif now < expires_at:
        assert then is not None
        assert now < then <= expires_at + rules.AFTER_LAPSE
    elif now - expires_at >= rules.CHECK_FOR:
        assert then is None


def test_the_checks_of_a_silent_provider() -> None:
    expires_at, now, asked = NOON + timedelta(minutes=30), NOON + timedelta(minutes=1), []
    while now is not None and len(asked) < 40:
        asked.append(now)
        standing = Standing.OPEN if now < expires_at else None
        now = _next(expires_at, standing, now)
    inside = [(at - NOON) / timedelta(minutes=1) for at in asked if at < expires_at]
    assert inside == [1, 2, 4, 8, 16, 29]
    assert asked[6] == expires_at + rules.AFTER_LAPSE
    assert len(asked) < 40
    assert asked[-1] - expires_at >= rules.CHECK_FOR


def _next(expires_at: datetime, standing: Standing | None, now: datetime) -> datetime | None:
    return rules.next_check_at(asked_at=NOON, expires_at=expires_at, standing=standing, now=now)


def test_a_refund_is_tried_for_ever_with_growing_pauses() -> None:
    pauses = [rules.refund_retry_at(attempts=n, now=NOON) - NOON for n in range(1, 50)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=10)
    assert pauses[-1] == timedelta(hours=2)


def test_answers_read_as_news_with_a_number_that_stays() -> None:
    payment, refund = a_payment(), a_refund(attempts=2)
    done = PaymentStanding(
        standing=Standing.DONE, amount_minor=25_000, currency="CNY", provider_ref="SB1", since=NOON
    )
    news = rules.payment_news(payment, done, now=NOON + timedelta(hours=1))
    assert news is not None
    assert (news.event_id, news.occurred_at) == (f"asked:{payment.id}:paid", NOON)
    assert rules.judge_news(news, payment) is NewsVerdict.RECORDED
    assert rules.payment_news(payment, PaymentStanding(standing=Standing.OPEN), now=NOON) is None
    failed = rules.refund_news(refund, RefundStanding(standing=Standing.CLOSED), now=NOON)
    assert failed is not None
    assert (failed.kind, failed.event_id) == (
        NewsKind.REFUND_FAILED,
        f"asked:{refund.id}:failed:2",
    )
    assert rules.judge_refund_news(failed, refund) is RefundVerdict.FAILED
    assert rules.refund_news(refund, RefundStanding(standing=Standing.OPEN), now=NOON) is None
