"""Asks providers what nobody told us, and sends refunds; what they say takes effect at once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from jishi.db import Pool
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.provider_news.flow import ProviderNews
from jishi.kit.errors import Refusal
from jishi.modules.payments import (
    CallbackNews,
    Providers,
    check_asks,
    check_payments,
    check_refunds,
    send_refunds,
)

log = structlog.get_logger()

LIMIT: Final = 100  # payments or refunds asked about in one turn
EVERY: Final = timedelta(seconds=2)

Ask = Callable[[Pool, Providers, datetime, int], Awaitable[list[CallbackNews]]]


def make_jobs(context: Context) -> list[Job]:
    apply = ProviderNews(context.pool, context.maker, currency=context.settings.currency)
    providers: Providers = context.services["providers"]

    def job(name: str, ask: Ask) -> Job:
        async def run(now: datetime) -> int:
            heard = await ask(context.pool, providers, now, LIMIT)
            for news in heard:
                try:
                    await apply(news, now=now)
                except Refusal as refusal:  # one answer that makes no sense must not stop the rest
                    log.warning("news refused", news=news.event_id, refusal=str(refusal))
            return len(heard)

        return Job(f"provider_news.{name}", EVERY, run)

    return [
        job("check_payments", check_payments),
        job("check_asks", check_asks),
        job("send_refunds", send_refunds),
        job("check_refunds", check_refunds),
    ]
