"""From a provider's news to paid orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Pool, Tx, load_sql
from jishi.db.batch import Batcher
from jishi.db.columns import cells, columns
from jishi.db.retry import in_transaction
from jishi.flows.keep_deposits import PaidIn, take_paid_in
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
    """Let recorded payments reach the orders that have not had theirs yet, or the deposit they are for;
    how many did."""
    found = await tx.fetch(_PARTS, payment_ids)
    parts = [
        PartPaid(
            order_id=row["order_id"],
            payment_id=row["payment_id"],
            amount_minor=row["amount_minor"],
            provider=row["provider"],
            paid_at=row["paid_at"],
        )
        for row in found
        if row["order_id"] is not None and not row["is_taken"]
    ]
    if parts:
        await pay_orders(tx, parts, maker)
    paid_in = [
        PaidIn(
            payment_id=row["payment_id"],
            provider_ref=row["provider_ref"] or "",
            paid_at=row["paid_at"],
        )
        for row in found
        if row["order_id"] is None
    ]
    taken = await take_paid_in(tx, paid_in, ids=maker) if paid_in else 0
    return len(parts) + taken


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
