"""Cancel a batch of orders in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Pool, Tx, load_sql
from jishi.db.batch import batched
from jishi.db.columns import cells, columns
from jishi.db.retry import in_transaction
from jishi.flows.cancel_orders.types import Cancellation, CancelVerdict, NotCancellable
from jishi.kit.errors import NotFound
from jishi.kit.ids import OrderId

DUE_BATCH: Final = 500  # orders that lapse at once

_CANCEL: Final = "SELECT cancel_orders(NULL, $1, $2, $3, $4, $5, $6, $7, $8)"
_DUE: Final = load_sql(__package__, "lapse_due")
_CLOSE_PAYMENTS: Final = load_sql(__package__, "close_payments")


class CancelOrders:
    """Gathers cancellations that arrive together; one per process."""

    def __init__(self, pool: Pool) -> None:
        self._batcher = batched(pool, cancel)

    async def __call__(self, asked: Cancellation) -> None:
        """Raises NotFound, NotCancellable."""
        verdict = await self._batcher.submit(asked)
        if verdict is CancelVerdict.UNKNOWN:
            raise NotFound
        if verdict is not CancelVerdict.CANCELLED:
            raise NotCancellable(order_id=asked.order_id)


async def cancel(tx: Tx, batch: Sequence[Cancellation]) -> list[CancelVerdict]:
    """One verdict per item, same order. Holds the orders and their stock until ``tx`` ends."""
    rows = [
        (each.order_id, each.buyer_id, each.shop_id, each.actor, each.actor_id, each.why, each.at)
        for each in batch
    ]
    order_cells = cells(each.order_id for each in batch)
    answers = await tx.fetchval(_CANCEL, order_cells, *columns(rows))
    return [CancelVerdict(answer) for answer in answers]


async def lapse_due(pool: Pool, now: datetime) -> int:
    """Let one batch of unpaid orders lapse; how many."""

    async def once(tx: Tx) -> int:
        due = [OrderId(row["id"]) for row in await tx.fetch(_DUE, now, DUE_BATCH)]
        if due:
            wishes = [
                Cancellation(order_id=each, actor="clock", at=now, why="lapsed") for each in due
            ]
            await cancel(tx, wishes)
        return len(due)

    return await in_transaction(pool, once)


async def close_payments(tx: Tx, payment_ids: Sequence[int]) -> None:
    """Close open payments of which no order is unpaid any more."""
    await tx.execute(_CLOSE_PAYMENTS, payment_ids)
