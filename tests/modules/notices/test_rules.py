"""Which events are told to whom, and in which words."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.modules.notices import rules, words
from jishi.modules.notices.jobs import next_try
from jishi.modules.notices.types import SEND_PAUSES
from jishi.web.shown import Market

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Happened:
    topic: str
    payload: dict[str, Any]
    subject_id: int = 77
    occurred_at: datetime = NOW


def an_event(topic: str, **payload: Any) -> Happened:
    facts = {"order_id": "77", "buyer_id": "5", "shop_id": "9", "amount_minor": 1050}
    return Happened(topic, {**facts, **payload})


@pytest.mark.parametrize(
    ("topic", "payload", "buyer", "shop"),
    [
        ("orders.paid", {"late": False}, "order.paid", "shop.paid"),
        ("orders.paid", {"late": True}, "order.paid_late", "shop.paid"),
        ("orders.payment_returned", {}, "order.payment_returned", None),
        ("orders.shipped", {"whole": True, "carrier": "sf"}, "order.shipped", None),
        ("orders.shipped", {"whole": False, "carrier": "sf"}, "order.part_shipped", None),
        ("orders.cancelled", {"why": "lapsed"}, "order.lapsed", "shop.cancelled"),
        ("orders.cancelled", {"why": "changed my mind"}, "order.cancelled", "shop.cancelled"),
        ("orders.refunded", {}, "order.refunded", "shop.refunded"),
        (
            "orders.completed",
            {"settled_minor": 1050, "fee_minor": 6},
            "order.completed",
            "shop.completed",
        ),
    ],
)
def test_each_side_hears_what_concerns_it(
    topic: str, payload: dict[str, Any], buyer: str, shop: str | None
) -> None:
    told = rules.told_by([an_event(topic, **payload)], now=NOW)
    assert [it.kind for it in told if it.account_id == 5] == [buyer]
    assert [it.kind for it in told if it.shop_id == 9] == ([shop] if shop else [])


def test_a_shop_hears_of_many_orders_in_one_message_per_hour() -> None:
    events = [an_event("orders.paid") for _ in range(40)]
    told = [it for it in rules.told_by(events, now=NOW) if it.shop_id]
    assert [dict(it.facts) for it in told] == [
        {"shop_id": "9", "count": 40, "amount_minor": 42_000}
    ]
    assert told[0].bucket == NOW.replace(minute=0)


@pytest.mark.parametrize("what", ["answered", "hidden", "shown_again"])
def test_the_writer_hears_what_became_of_a_review(what: str) -> None:
    event = Happened(f"reviews.{what}", {"writer_id": "5", "shop_id": "9", "order_id": "77"})
    assert [(it.kind, it.account_id) for it in rules.told_by([event], now=NOW)] == [
        (f"review.{what}", 5)
    ]


def test_a_shop_hears_of_new_reviews_by_the_hour() -> None:
    events = [Happened("reviews.written", {"writer_id": "5", "shop_id": "9"})] * 3
    told = rules.told_by(events, now=NOW)
    assert [(it.kind, it.shop_id, it.facts["count"]) for it in told] == [("shop.reviewed", 9, 3)]


def test_a_shop_is_told_what_is_left_after_the_fee() -> None:
    event = an_event("orders.completed", settled_minor=1000, fee_minor=6)
    assert rules.told_by([event], now=NOW)[1].facts["amount_minor"] == 994


def test_history_is_no_news() -> None:
    old = Happened("orders.paid", {"buyer_id": "5"}, occurred_at=NOW - timedelta(days=7))
    assert rules.told_by([old, an_event("orders.placed")], now=NOW) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", [*words.KINDS, "something.newer"])
def test_every_kind_reads_well_without_a_hole(kind: str, locale: str) -> None:
    facts = {
        "order_id": "77", "shop_id": "9", "count": 3, "amount_minor": 1050, "carrier": "SF",
        "waybill": "SF1", "code": "123456", "minutes": "5", "case_id": "5", "until": "2026-04-01",
        "invoice_id": "3", "withdrawal_id": "4", "product_id": "6", "title": "Tea",
    }  # fmt: skip
    said = words.shown(kind, facts, locale, Market())
    assert said.title
    assert "{" not in said.title + said.text + said.href
    assert "…" not in said.title + said.text + said.href


def test_a_message_with_missing_facts_is_still_shown() -> None:
    said = words.shown("order.shipped", {}, "en", Market())
    assert said.text == "On its way with …, …."


def test_sending_is_given_up_after_growing_pauses() -> None:
    assert [next_try(n, now=NOW) for n in (1, 2, 3)] == [NOW + it for it in SEND_PAUSES]
    assert next_try(4, now=NOW) is None
