from itertools import product

import pytest

from jishi.flows.take_payment import PayVerdict
from jishi.flows.take_payment.rules import judge
from jishi.kit.moves import may_move
from jishi.modules.orders import MOVES, OrderState
from jishi.modules.payments import NewsVerdict, Payment, PaymentState, judge_news
from tests.modules.payments.makers import a_payment, some_news

_V = PayVerdict
WHYS = (None, "lapsed", "buyer_cancelled", "shop_cancelled")


def judged(state: OrderState | None = OrderState.UNPAID, **changes: object) -> PayVerdict:
    facts: dict[str, object] = {
        "closed_why": None,
        "amount_minor": 100,
        "paid_minor": 100,
        "is_its_payment": True,
        "taken_before": False,
        "has_free_stock": True,
    }
    return judge(state=state, **{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("_case", "state", "changes", "verdict"),
    [
        ("in time", OrderState.UNPAID, {}, _V.PAID),
        ("again", OrderState.TO_SHIP, {"taken_before": True}, _V.REPEAT),
        ("again after the end", OrderState.COMPLETED, {"taken_before": True}, _V.REPEAT),
        ("no such order", None, {}, _V.UNKNOWN),
        ("too much", OrderState.UNPAID, {"paid_minor": 101}, _V.WRONG_AMOUNT),
        ("too little", OrderState.UNPAID, {"paid_minor": 99}, _V.WRONG_AMOUNT),
        ("of another payment", OrderState.UNPAID, {"is_its_payment": False}, _V.WRONG_AMOUNT),
        ("late, stock is free", OrderState.CANCELLED, {"closed_why": "lapsed"}, _V.LATE_PAID),
        ("late, stock is gone", OrderState.CANCELLED,
         {"closed_why": "lapsed", "has_free_stock": False}, _V.RETURNED),
        ("the buyer had cancelled", OrderState.CANCELLED,
         {"closed_why": "buyer_cancelled"}, _V.RETURNED),
        ("the shop had cancelled", OrderState.CANCELLED,
         {"closed_why": "shop_cancelled"}, _V.RETURNED),
    ],
)  # fmt: skip
def test_what_a_payment_does(
    _case: str, state: OrderState | None, changes: dict[str, object], verdict: PayVerdict
) -> None:
    assert judged(state, **changes) is verdict


@pytest.mark.parametrize("state", OrderState)
def test_money_that_is_right_is_kept_only_where_the_order_may_move(state: OrderState) -> None:
    for why, stock in product(WHYS, (True, False)):
        verdict = judged(state, closed_why=why, has_free_stock=stock)
        if verdict in (_V.PAID, _V.LATE_PAID):
            assert may_move(state, OrderState.TO_SHIP, MOVES)
        else:
            assert verdict is _V.RETURNED


@pytest.mark.parametrize(
    ("_case", "payment", "news", "verdict"),
    [
        ("the first word", {}, {}, NewsVerdict.RECORDED),
        ("a second word", {"state": PaymentState.PAID}, {}, NewsVerdict.REPEAT),
        ("after it was closed", {"state": PaymentState.CLOSED}, {}, NewsVerdict.RECORDED),
        ("another amount", {}, {"amount_minor": 1}, NewsVerdict.WRONG_AMOUNT),
        ("another currency", {}, {"currency": "EUR"}, NewsVerdict.WRONG_AMOUNT),
        ("the provider does not say", {}, {"currency": None}, NewsVerdict.RECORDED),
        ("another provider", {}, {"provider": "mint"}, NewsVerdict.UNKNOWN),
        ("no such payment", None, {}, NewsVerdict.UNKNOWN),
    ],
)
def test_what_news_means(
    _case: str,
    payment: dict[str, object] | None,
    news: dict[str, object],
    verdict: NewsVerdict,
) -> None:
    known: Payment | None = None if payment is None else a_payment(**payment)
    assert judge_news(some_news(**news), known) is verdict
