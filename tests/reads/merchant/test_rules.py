"""Figures, masks, searches and cells; no database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import IdMaker
from jishi.modules.orders import OrderState
from jishi.reads.merchant.figures import change_bp, day_of, month_of, oldest_id, today_of
from jishi.reads.merchant.masking import (
    masked_name,
    masked_phone,
    may_see_receiver,
    receiver,
)
from jishi.reads.merchant.search import terms_of
from jishi.web import ShopRole
from jishi.web.sheet import RISKY, cell

NOON = datetime(2026, 11, 22, 4, 42, tzinfo=UTC)  # 12:42 in Shanghai


def test_a_day_is_that_of_the_shop() -> None:
    day = day_of(NOON, "Asia/Shanghai")
    assert day.today == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert day.yesterday == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert day.then == NOON - timedelta(days=1)
    assert day.slot == 50


@pytest.mark.parametrize("date", [(2026, 3, 30), (2026, 10, 26), (2026, 3, 29), (2026, 10, 25)])
def test_clock_changes_do_not_move_midnight(date: tuple[int, int, int]) -> None:
    day = day_of(datetime(*date, 21, 30, tzinfo=UTC), "Europe/Berlin")
    assert (day.today.hour, day.yesterday.hour) == (0, 0)
    assert (day.today.date() - day.yesterday.date()).days == 1
    assert day.then < day.today


def test_a_month_ends_where_the_next_begins() -> None:
    since, until = month_of(datetime(2026, 12, 31, 17, tzinfo=UTC), "Asia/Shanghai")
    assert (since.year, since.month, until.month) == (2027, 1, 2)


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 99), st.integers(1, 9), st.integers(1, 10**6)),
        max_size=30,
    )
)
def test_cumulative_figures_end_at_the_sum(rows: list[tuple[bool, int, int, int]]) -> None:
    day = day_of(datetime(2026, 11, 22, 15, 59, tzinfo=UTC), "Asia/Shanghai")
    facts = [
        {
            "is_today": is_today,
            "slot": slot,
            "orders": orders,
            "sales_minor": sales,
            "orders_by_now": orders,
            "sales_by_now_minor": sales,
        }
        for is_today, slot, orders, sales in rows
    ]
    found = today_of(facts, day)
    assert found.sales[-1] == found.sales_minor == sum(r[3] for r in rows if r[0])
    assert found.sales_yesterday[-1] == found.sales_then_minor
    assert found.orders_by_now[-1] == found.orders
    assert found.sales == sorted(found.sales)


@pytest.mark.parametrize(
    ("now", "then", "bp"),
    [(150, 100, 5000), (50, 100, -5000), (0, 0, None), (5, 0, None), (7, 7, 0)],
)
def test_change_names_its_base(now: int, then: int, bp: int | None) -> None:
    assert change_bp(now, then) == bp


def test_ids_made_later_are_not_older() -> None:
    moment = datetime.now(UTC) - timedelta(seconds=5)
    assert IdMaker(0).make(255) > oldest_id(moment)
    assert oldest_id(datetime(2000, 1, 1, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("name", "masked"),
    [("苏晓晴", "苏**"), ("李明", "李*"), ("Maria Souza", "M***"), ("", "*"), ("欧", "欧*")],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert masked_name(name) == masked


def test_phones_are_masked() -> None:
    assert masked_phone("18612342207") == "186****2207"
    assert masked_phone("12345") == "*****"


@given(st.text(min_size=2, max_size=20), st.text(alphabet="0123456789", min_size=8, max_size=15))
def test_a_masked_receiver_gives_nothing_away(name: str, phone: str) -> None:
    shown = receiver(
        {
            "receiver": name,
            "phone": phone,
            "detail": "Unit 12",
            "regions": ["浙江省", "杭州市", "西湖区"],
        },
        in_full=False,
    )
    assert phone not in shown["phone"]
    assert "Unit 12" not in shown["address"]
    assert "西湖区" not in shown["address"]


def test_who_packs_sees_the_receiver_while_there_is_something_to_send() -> None:
    assert may_see_receiver(ShopRole.WAREHOUSE, OrderState.TO_SHIP)
    assert not may_see_receiver(ShopRole.CLERK, OrderState.TO_SHIP)
    assert not may_see_receiver(ShopRole.OWNER, OrderState.COMPLETED)
    assert not may_see_receiver(None, OrderState.TO_SHIP)


def test_a_search_is_a_number_its_end_or_words() -> None:
    assert terms_of("   ") is None
    tail = terms_of("…504 113 902")
    assert tail is not None
    assert (tail.digits, tail.order_id, tail.words) == ("504113902", None, None)
    whole = terms_of("382918002441067011")
    assert whole is not None
    assert whole.order_id == 382918002441067011
    words = terms_of("猕猴桃 Gold")
    assert words is not None
    assert (words.words, words.digits) == ("猕猴桃 gold", None)
    waybill = terms_of("sf1234567890")
    assert waybill is not None
    assert waybill.waybill == "SF1234567890"


@given(st.text(max_size=40))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not cell(text).startswith(RISKY)
