"""What the rest of Jishi may ask of payments. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import PaymentId, RefundId
from jishi.modules.payments import storage
from jishi.modules.payments.types import (
    CallbackNews,
    NewsVerdict,
    Payment,
    Refund,
    RefundNotFailed,
    RefundNotFound,
)

NOTED = "noted"  # verdict of news that changes nothing: a close
NOTE_BATCH_MAX = 1000


async def find_payment(tx: Tx, payment_id: PaymentId) -> Payment | None:
    return await storage.find_payment(tx, payment_id)


async def find_refund(tx: Tx, refund_id: RefundId) -> Refund | None:
    return await storage.find_refund(tx, refund_id)


async def note_news(tx: Tx, noted: Sequence[tuple[CallbackNews, str]], *, now: datetime) -> None:
    """Keep news with its verdict; the function ``record_payments`` keeps its own kind itself.

    A close changes nothing here: an unpaid order lapses by its own clock, and a close that
    overtook the news of a payment must not cost anybody the goods. Its verdict is ``NOTED``.
    """
    assert len(noted) <= NOTE_BATCH_MAX
    if noted:
        rows = [(news, said, said != NewsVerdict.UNKNOWN) for news, said in noted]
        await storage.note_news(tx, rows, now=now)


async def known_refunds(tx: Tx, batch: Sequence[CallbackNews]) -> list[bool]:
    """Whether each news tells of a refund that goes through the provider that tells it.

    One provider's word, however well signed, must not end a refund of another.
    """
    ids = [news.refund_id for news in batch if news.refund_id is not None]
    providers = await storage.refund_providers(tx, ids)
    return [
        news.refund_id is not None and providers.get(news.refund_id) == news.provider
        for news in batch
    ]


async def send_refund_again(tx: Tx, refund_id: RefundId, *, now: datetime) -> Refund:
    """Let a failed refund go to its provider once more. Raises RefundNotFound, RefundNotFailed."""
    refund = await storage.send_again(tx, refund_id, now=now)
    if refund is not None:
        return refund
    if await storage.find_refund(tx, refund_id) is None:
        raise RefundNotFound(refund_id=refund_id)
    raise RefundNotFailed(refund_id=refund_id)
