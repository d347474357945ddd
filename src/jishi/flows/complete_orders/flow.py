"""Complete a batch of orders in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Pool, Tx, load_sql
from jishi.db.batch import batched
from jishi.db.columns import cells, columns
from jishi.db.retry import in_transaction
from jishi.flows.complete_orders.types import CompleteVerdict, Completion, NothingToConfirm
from jishi.kit.errors import NotFound
from jishi.kit.ids import OrderId

DUE_BATCH: Final = 500  # orders the clock confirms at once

_COMPLETE: Final = "SELECT complete_orders(NULL, $1, $2, $3, $4, $5, $6)"
_DUE: Final = load_sql(__package__, "confirm_due")


class CompleteOrders:
    """Gathers confirmations that arrive together; one per process."""

    def __init__(self, pool: Pool) -> None:
        self._batcher = batched(pool, complete)

    async def __call__(self, asked: Completion) -> CompleteVerdict:
        """COMPLETED or REPEAT. Raises NotFound, NothingToConfirm."""
        verdict = await self._batcher.submit(asked)
        if verdict is CompleteVerdict.UNKNOWN:
            raise NotFound
        if verdict is CompleteVerdict.WRONG_STATE:
            raise NothingToConfirm(order_id=asked.order_id)
        return verdict


async def complete(tx: Tx, batch: Sequence[Completion]) -> list[CompleteVerdict]:
    """One verdict per item, same order. Holds the orders and accounts until ``tx`` ends."""
    rows = [(each.order_id, each.buyer_id, each.actor, each.why, each.at) for each in batch]
    order_cells = cells(each.order_id for each in batch)
    answers = await tx.fetchval(_COMPLETE, order_cells, *columns(rows))
    return [CompleteVerdict(answer) for answer in answers]


async def complete_due(pool: Pool, now: datetime) -> int:
    """Let the clock confirm one batch of orders whose time has come; how many."""

    async def once(tx: Tx) -> int:
        due = [OrderId(row["id"]) for row in await tx.fetch(_DUE, now, DUE_BATCH)]
        if due:
            await complete(
                tx,
                [
                    Completion(order_id=each, buyer_id=None, at=now, actor="clock", why="due")
                    for each in due
                ],
            )
        return len(due)

    return await in_transaction(pool, once)
