"""From a provider's news to paid orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Pool, Tx, load_sql
from jishi.db.batch import Batcher
from jishi.db.columns import cells, columns
from jishi.db.retry import in_transaction
from jishi.flows.return_doubles import return_doubles
from jishi.flows.take_payment.types import PartPaid, PayVerdict
from jishi.kit.ids import IdMaker, PaymentId, cell_of
from jishi.modules.payments import CallbackNews, NewsVerdict

_RECORD: Final = "SELECT record_payments(NULL, $1, $2, $3, $4, $5, $6, $7)"
_PAY: Final = "SELECT pay_orders(NULL, $1, $2, $3, $4, $5, $6, $7, $8)"
_PARTS: Final = load_sql(__package__, "parts_of")


class TakePayment:
    """Gathers news that arrives together; one per process."""

    def __init__(self, pool: Pool, maker: IdMaker, *, lanes: int = 1) -> None:
        async def run(batch: Sequence[CallbackNews]) -> Sequence[NewsVerdict]:
            verdicts = await in_transaction(pool, lambda tx: _heard(tx, batch, maker))
            recorded = [
                news.payment_id
                for news, verdict in zip(batch, verdicts, strict=True)
                if verdict is NewsVerdict.RECORDED
            ]
            if recorded:
                await in_transaction(pool, lambda tx: settle(tx, recorded, maker))
            return verdicts

        self._batcher = Batcher(run, lanes=lanes)

    async def __call__(self, news: CallbackNews) -> NewsVerdict:
        """Record the news of a payment and let its orders have the money before answering.

        Two transactions: money that was recorded stays recorded whatever becomes of its orders.
        """
        return await self._batcher.submit(news)


async def record(tx: Tx, batch: Sequence[CallbackNews]) -> list[NewsVerdict]:
    """Write the news down, once per payment; one verdict per item, same order."""
    rows = [
        (n.provider, n.event_id, n.payment_id, n.amount_minor, n.provider_ref, n.occurred_at)
        for n in batch
    ]
    answers = await tx.fetchval(_RECORD, cells(n.payment_id for n in batch), *columns(rows))
    return [NewsVerdict(answer) for answer in answers]


async def _heard(tx: Tx, batch: Sequence[CallbackNews], maker: IdMaker) -> list[NewsVerdict]:
    """Recorded; what was paid a second time is on its way back before anybody answers."""
    verdicts = await record(tx, batch)
    doubles = [
        news for news, verdict in zip(batch, verdicts, strict=True) if verdict is NewsVerdict.DOUBLE
    ]
    if doubles:
        await return_doubles(tx, doubles, maker)
    return verdicts


async def settle(tx: Tx, payment_ids: Sequence[PaymentId], maker: IdMaker) -> int:
    """Let recorded payments reach the orders that have not had theirs yet; how many did."""
    parts = [
        PartPaid(**{k: v for k, v in row.items() if k != "is_taken"})
        for row in await tx.fetch(_PARTS, payment_ids)
        if not row["is_taken"]
    ]
    if parts:
        await pay_orders(tx, parts, maker)
    return len(parts)


async def pay_orders(
    tx: Tx, parts: Sequence[PartPaid], maker: IdMaker, *, clock_from: datetime | None = None
) -> list[PayVerdict]:
    """One verdict per part, same order. Holds orders, stock and accounts until ``tx`` ends."""
    rows = [
        (
            part.order_id,
            part.payment_id,
            part.amount_minor,
            part.provider,
            maker.make(cell_of(part.order_id)),
            part.paid_at,
        )
        for part in parts
    ]
    order_cells = cells(part.order_id for part in parts)
    answers = await tx.fetchval(_PAY, order_cells, *columns(rows), clock_from)
    return [PayVerdict(answer) for answer in answers]
