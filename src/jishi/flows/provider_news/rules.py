"""What of a provider's word can be taken as it stands. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from jishi.modules.payments import CallbackNews, NewsUnreadable

AMOUNT_MAX_MINOR: Final = 10**15  # far beyond any payment, well within a bigint
TEXT_MAX: Final = 200


def readable(news: CallbackNews, *, now: datetime) -> CallbackNews:
    """The news, dated ``now`` at the latest: a provider's clock that runs ahead would hold up
    listeners that wait for events to grow old. Raises NewsUnreadable for what no row can keep.
    """
    texts = (news.event_id, news.provider_ref or "-")
    if not all(text.isprintable() and 0 < len(text) <= TEXT_MAX for text in texts):
        raise NewsUnreadable(detail="text")
    if abs(news.amount_minor) > AMOUNT_MAX_MINOR:
        raise NewsUnreadable(detail="amount")
    return replace(news, occurred_at=min(news.occurred_at, now))
