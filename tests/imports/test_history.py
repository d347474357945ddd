"""Which life an Olist order leads here. Pure; the mapping is decision 0010."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.imports.history import End, Leftover, Oddity, Story, parts_of, plan
from jishi.imports.olist import STATUSES, Customer, Item, Order, Payment

NOON = datetime(2018, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = timedelta(minutes=30)


def an_item(**changes: object) -> Item:
    item = Item(product_id="p", seller_id="s", price_minor=1000, freight_minor=150)
    return replace(item, **changes)  # type: ignore[arg-type]


def a_payment(amount_minor: int = 1150, position: int = 1) -> Payment:
    return Payment(position=position, kind="boleto", installments=1, amount_minor=amount_minor)


def an_order(status: str = "delivered", **changes: object) -> Order:
    order = Order(
        id="o",
        row=2,
        customer=Customer(person_id="c", postcode="01000", city="sao paulo", state="SP"),
        status=status,
        purchased_at=NOON,
        approved_at=NOON + DAY,
        carried_at=NOON + 2 * DAY,
        delivered_at=NOON + 5 * DAY,
        estimated_at=NOON + 20 * DAY,
        items=(an_item(),),
        payments=(a_payment(),),
    )
    return replace(order, **changes)  # type: ignore[arg-type]


def story(order: Order) -> Story:
    made = plan(order, unpaid_window=WINDOW)
    assert isinstance(made, Story)
    return made


def test_a_delivered_order_takes_every_step_at_its_own_date() -> None:
    made = story(an_order())
    assert (made.placed_at, made.paid_at) == (NOON, NOON + DAY)
    assert (made.shipped_at, made.completed_at) == (NOON + 2 * DAY, NOON + 5 * DAY)
    assert (made.end, made.oddities, made.booked_minor) == (End.COMPLETED, frozenset(), 1150)
    assert made.expires_at == NOON + DAY  # a boleto is paid days later


@pytest.mark.parametrize(
    ("status", "end", "steps"),
    [
        ("shipped", End.SHIPPED, (True, True, False, False, False)),
        ("invoiced", End.TO_SHIP, (True, False, False, False, False)),
        ("processing", End.TO_SHIP, (True, False, False, False, False)),
        ("approved", End.TO_SHIP, (True, False, False, False, False)),
        ("created", End.CANCELLED, (False, False, False, False, True)),
        ("canceled", End.REFUNDED, (True, False, False, True, False)),
        ("unavailable", End.REFUNDED, (True, False, False, True, False)),
    ],
)
def test_each_status_ends_where_the_decision_says(
    status: str, end: End, steps: tuple[bool, ...]
) -> None:
    made = story(an_order(status))
    taken = (
        made.paid_at,
        made.shipped_at,
        made.completed_at,
        made.refunded_at,
        made.cancelled_at,
    )
    assert made.end is end
    assert tuple(it is not None for it in taken) == steps


def test_a_cancelled_order_that_was_never_approved_is_only_cancelled() -> None:
    made = story(an_order("canceled", approved_at=None, carried_at=None, delivered_at=None))
    assert (made.end, made.cancelled_at, made.cancelled_why) == (End.CANCELLED, NOON, "cancelled")
    assert (made.booked_minor, Oddity.PAYMENT_NEVER_TAKEN in made.oddities) == (0, True)


def test_a_created_order_lapses_when_its_window_ends() -> None:
    made = story(an_order("created", approved_at=None, payments=()))
    assert (made.cancelled_at, made.cancelled_why) == (NOON + WINDOW, "lapsed")
    assert made.oddities == frozenset()


def test_a_cancelling_dates_from_the_last_thing_that_happened() -> None:
    made = story(an_order("canceled"))
    assert made.refunded_at == NOON + 5 * DAY
    assert made.oddities == {Oddity.CANCELLED_AFTER_SHIPPING, Oddity.CANCELLED_AFTER_DELIVERY}


@pytest.mark.parametrize(
    ("_case", "changes", "oddity"),
    [
        ("no delivery", {"delivered_at": None}, Oddity.DELIVERED_WITHOUT_DATE),
        ("no hand-over", {"carried_at": None}, Oddity.SHIPPED_WITHOUT_DATE),
        ("no approval", {"approved_at": None}, Oddity.PAID_WITHOUT_DATE),
        ("carried before paid", {"carried_at": NOON - DAY}, Oddity.DATES_OUT_OF_ORDER),
        ("interest", {"payments": (a_payment(1200),)}, Oddity.PAYMENT_DIFFERS),
    ],
)
def test_odd_orders_are_named(_case: str, changes: dict[str, object], oddity: Oddity) -> None:
    made = story(an_order(**changes))
    assert made.oddities == {oddity}
    assert made.end is End.COMPLETED


def test_a_delivery_without_a_date_completes_on_the_estimated_day() -> None:
    assert story(an_order(delivered_at=None)).completed_at == NOON + 20 * DAY


def test_odd_payments_are_named() -> None:
    made = story(an_order(payments=(a_payment(1149), a_payment(0, 2))))
    assert made.oddities == {Oddity.MANY_PAYMENTS, Oddity.PAYMENT_OF_ZERO}
    unpaid = {Oddity.PAID_WITHOUT_PAYMENT, Oddity.PAYMENT_DIFFERS}
    assert story(an_order(payments=())).oddities == unpaid


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_an_order_without_items_is_only_recorded(status: str) -> None:
    made = plan(an_order(status, items=()), unpaid_window=WINDOW)
    assert isinstance(made, Leftover)
    assert made.why == "order_without_items"


def test_sellers_become_orders_and_pieces_become_quantities() -> None:
    items = (an_item(), an_item(seller_id="t"), an_item(freight_minor=160), an_item(price_minor=9))
    first, second = parts_of(items)
    assert (first.seller_id, second.seller_id) == ("s", "t")
    assert [(it.quantity, it.price_minor, it.freight_minor) for it in first.lines] == [
        (2, 1000, 310),
        (1, 9, 150),
    ]
    assert Oddity.MANY_SELLERS in story(an_order(items=items)).oddities


instants = st.none() | st.integers(-50, 50).map(lambda hours: NOON + timedelta(hours=hours))


@given(
    status=st.sampled_from(sorted(STATUSES)),
    approved=instants,
    carried=instants,
    delivered=instants,
    estimated=instants,
    amounts=st.lists(st.integers(0, 3000), max_size=3),
)
def test_steps_never_run_backwards_and_money_is_all_or_nothing(
    status: str,
    approved: datetime | None,
    carried: datetime | None,
    delivered: datetime | None,
    estimated: datetime | None,
    amounts: list[int],
) -> None:
    order = an_order(
        status,
        approved_at=approved,
        carried_at=carried,
        delivered_at=delivered,
        estimated_at=estimated,
        payments=tuple(a_payment(amount, at) for at, amount in enumerate(amounts)),
    )
    made = story(order)
    steps = [made.placed_at, made.paid_at, made.shipped_at, made.completed_at]
    taken = [it for it in [*steps, made.refunded_at] if it]
    assert taken == sorted(taken)
    assert made.expires_at >= made.placed_at + WINDOW
    assert made.booked_minor in {0, order.amount_minor}
    assert (
        (made.booked_minor == 0) == (made.end is End.CANCELLED) == (made.cancelled_at is not None)
    )
