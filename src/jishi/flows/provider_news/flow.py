"""Where a provider's news goes, by its kind."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Pool, Tx, transaction
from jishi.db.batch import batched
from jishi.flows.provider_news import rules
from jishi.flows.refund_orders import end_refunds
from jishi.flows.take_payment import TakePayment
from jishi.kit.ids import IdMaker
from jishi.modules.payments import (
    NOTED,
    CallbackNews,
    NewsKind,
    NewsVerdict,
    RefundVerdict,
    known_refunds,
    note_news,
)


class ProviderNews:
    """Applies news as it comes; one per process. The same news twice changes nothing."""

    def __init__(self, pool: Pool, maker: IdMaker, *, currency: str) -> None:
        self._pool, self._currency = pool, currency
        self._paid = TakePayment(pool, maker)
        self._refunds = batched(pool, _end_refunds)

    async def __call__(self, news: CallbackNews, *, now: datetime) -> str:
        """The verdict's name; the effect is committed when this returns. Raises NewsUnreadable."""
        news = rules.readable(news, now=now)
        if news.currency not in (None, self._currency):
            await self._note(news, NewsVerdict.WRONG_AMOUNT, now)
            return NewsVerdict.WRONG_AMOUNT
        match news.kind:
            case NewsKind.PAID:
                return await self._paid(news)
            case NewsKind.REFUNDED | NewsKind.REFUND_FAILED:
                return await self._refunds.submit((news, now))
            case NewsKind.CLOSED:
                # An unpaid order lapses by its own clock: a close may overtake the news of a payment.
                await self._note(news, NOTED, now)
                return NOTED

    async def _note(self, news: CallbackNews, verdict: str, now: datetime) -> None:
        async with transaction(self._pool) as tx:
            await note_news(tx, [(news, verdict)], now=now)


async def _end_refunds(
    tx: Tx, batch: Sequence[tuple[CallbackNews, datetime]]
) -> Sequence[RefundVerdict]:
    known = await known_refunds(tx, [news for news, _ in batch])
    heard = [news for (news, _), is_known in zip(batch, known, strict=True) if is_known]
    said = iter(await end_refunds(tx, heard)) if heard else iter(())
    verdicts = [next(said) if is_known else RefundVerdict.UNKNOWN for is_known in known]
    noted = [(news, str(verdict)) for (news, _), verdict in zip(batch, verdicts, strict=True)]
    await note_news(tx, noted, now=batch[0][1])
    return verdicts
