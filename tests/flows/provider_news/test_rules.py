from datetime import timedelta
from typing import Any

import pytest

from jishi.flows.provider_news.rules import readable
from jishi.modules.payments import NewsUnreadable
from tests.modules.payments.makers import NOON, some_news


@pytest.mark.parametrize(
    ("_case", "told", "kept"),
    [
        ("long ago", timedelta(days=-400), timedelta(days=-400)),
        ("now", timedelta(0), timedelta(0)),
        ("a clock that runs ahead", timedelta(seconds=1), timedelta(0)),
        ("a clock of another century", timedelta(days=40_000), timedelta(0)),
    ],
)
def test_nothing_happens_in_the_future(_case: str, told: timedelta, kept: timedelta) -> None:
    news = some_news(occurred_at=NOON + told)
    assert readable(news, now=NOON).occurred_at == NOON + kept


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("no event id", {"event_id": ""}),
        ("a null byte", {"event_id": "a\0b"}),
        ("a long event id", {"event_id": "x" * 201}),
        ("half a surrogate pair", {"provider_ref": "\ud800"}),
        ("too much", {"amount_minor": 10**15 + 1}),
        ("too little", {"amount_minor": -(10**15) - 1}),
    ],
)
def test_what_no_row_can_keep_is_unreadable(_case: str, changes: dict[str, Any]) -> None:
    with pytest.raises(NewsUnreadable):
        readable(some_news(**changes), now=NOON)


def test_what_is_readable_stays_as_it_is() -> None:
    for provider_ref in (None, "SB1"):
        news = some_news(provider_ref=provider_ref)
        assert readable(news, now=NOON) == news
