"""Ship a batch of orders in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from jishi.db import Pool, Tx
from jishi.db.batch import batched
from jishi.db.columns import cells, columns
from jishi.flows.ship_orders import rules
from jishi.flows.ship_orders.types import Shipment, ShipVerdict
from jishi.kit.errors import Refusal
from jishi.kit.ids import IdMaker, cell_of

_SHIP: Final = (
    "SELECT ship_orders(NULL, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
)


class ShipOrders:
    """Ships lists of orders; lists that arrive together share a batch. One per process."""

    def __init__(self, pool: Pool, maker: IdMaker, *, confirm_after: timedelta) -> None:
        async def run(
            tx: Tx, lists: Sequence[Sequence[Shipment]]
        ) -> list[list[ShipVerdict | Refusal]]:
            return [
                await ship(tx, shipments, maker, confirm_after=confirm_after) for shipments in lists
            ]

        self._batcher = batched(pool, run)

    async def __call__(self, shipments: Sequence[Shipment]) -> list[ShipVerdict | Refusal]:
        """A verdict or refusal per shipment, same order. One bad one never fails the others."""
        refused = rules.check(shipments)
        good = [each for each, no in zip(shipments, refused, strict=True) if no is None]
        verdicts = iter(await self._batcher.submit(good) if good else [])
        return [no or next(verdicts) for no in refused]


async def ship(
    tx: Tx,
    shipments: Sequence[Shipment],
    maker: IdMaker,
    *,
    confirm_after: timedelta,
    clock_from: datetime | None = None,
) -> list[ShipVerdict | Refusal]:
    """One answer per shipment, same order; each order at most once. Holds the orders."""
    rows = [
        (
            each.order_id,
            each.shop_id,
            maker.make(cell_of(each.order_id)),
            each.carrier,
            each.waybill,
            each.actor,
            each.actor_id,
            each.at,
        )
        for each in shipments
    ]
    parts = [
        (at, part.line, part.quantity)
        for at, each in enumerate(shipments, start=1)
        for part in each.lines
    ]
    answers = await tx.fetchval(
        _SHIP,
        cells(each.order_id for each in shipments),
        *columns(rows),
        confirm_after,
        *(columns(parts) if parts else ([], [], [])),
        clock_from,
    )
    verdicts = [ShipVerdict(answer) for answer in answers]
    return [
        rules.REFUSALS[verdict](order_id=each.order_id) if verdict in rules.REFUSALS else verdict
        for verdict, each in zip(verdicts, shipments, strict=True)
    ]
