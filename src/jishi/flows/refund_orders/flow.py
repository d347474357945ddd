"""Refund a batch of orders in one transaction; the money leaves later, through the provider."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from jishi.db import Pool, Tx
from jishi.db.batch import batched
from jishi.db.columns import cells, columns
from jishi.flows.refund_orders.types import (
    NotRefundable,
    RefundAsked,
    RefundOrderVerdict,
    RefundTooMuch,
)
from jishi.kit.errors import NotFound
from jishi.kit.ids import IdMaker, RefundId, cell_of
from jishi.modules.payments import CallbackNews, NewsKind, RefundVerdict

_REFUND: Final = (
    "SELECT refund_orders(NULL, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
    " $16)"
)
LINE_COLUMNS: Final = 4
CONFIRM_AFTER: Final = timedelta(days=10)  # matters to refunds of some lines only
_END: Final = "SELECT end_refunds(NULL, $1, $2, $3, $4, $5, $6)"


class RefundOrders:
    """Gathers refunds that arrive together; one per process."""

    def __init__(self, pool: Pool, maker: IdMaker, *, confirm_after: timedelta) -> None:
        async def run(tx: Tx, batch: Sequence[RefundAsked]) -> list[RefundOrderVerdict]:
            answers = await refund(tx, batch, maker, confirm_after=confirm_after)
            return [verdict for verdict, _ in answers]

        self._batcher = batched(pool, run)

    async def __call__(self, asked: RefundAsked) -> None:
        """Raises NotFound, NotRefundable, RefundTooMuch."""
        verdict = await self._batcher.submit(asked)
        if verdict is RefundOrderVerdict.UNKNOWN:
            raise NotFound
        if verdict is RefundOrderVerdict.TOO_MUCH:
            raise RefundTooMuch(order_id=asked.order_id)
        if verdict is not RefundOrderVerdict.REFUNDED:
            raise NotRefundable(order_id=asked.order_id)


async def refund(
    tx: Tx,
    batch: Sequence[RefundAsked],
    maker: IdMaker,
    *,
    confirm_after: timedelta = CONFIRM_AFTER,
) -> list[tuple[RefundOrderVerdict, RefundId]]:
    """A verdict and the refund's id per item, same order; the id means something when refunded.

    An order is granted once a call. ``confirm_after`` starts the confirming clock of an order whose
    last unshipped units go. Holds orders, stock and accounts until ``tx`` ends.
    """
    refund_ids = [RefundId(maker.make(cell_of(each.order_id))) for each in batch]
    rows = [
        (
            each.order_id,
            each.buyer_id,
            each.shop_id,
            refund_id,
            each.actor,
            each.actor_id,
            each.why,
            each.at,
            each.goods.value,
            each.case_id,
        )
        for each, refund_id in zip(batch, refund_ids, strict=True)
    ]
    lines = [
        (at, line.line, line.quantity, line.amount_minor)
        for at, each in enumerate(batch, start=1)
        for line in each.lines
    ]
    order_cells = cells(each.order_id for each in batch)
    line_columns = columns(lines) or [[]] * LINE_COLUMNS
    answers = await tx.fetchval(_REFUND, order_cells, *columns(rows), confirm_after, *line_columns)
    return [
        (RefundOrderVerdict(answer), refund_id)
        for answer, refund_id in zip(answers, refund_ids, strict=True)
    ]


async def end_refunds(tx: Tx, batch: Sequence[CallbackNews]) -> list[RefundVerdict]:
    """Record what became of refunds at their provider; one verdict per item, same order."""
    rows = [
        (
            news.refund_id,
            news.amount_minor,
            news.kind is NewsKind.REFUNDED,
            news.provider_ref,
            news.occurred_at,
        )
        for news in batch
    ]
    refund_cells = cells(news.refund_id for news in batch if news.refund_id)
    answers = await tx.fetchval(_END, refund_cells, *columns(rows))
    return [RefundVerdict(answer) for answer in answers]
