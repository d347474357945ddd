"""From news of a second payment to refunds that are asked for."""

from collections.abc import Sequence
from typing import Final

from jishi.db import Tx, load_sql
from jishi.db.columns import cells, columns
from jishi.kit.ids import IdMaker, PaymentId, cell_of
from jishi.modules.payments import CallbackNews

_OPEN: Final = load_sql(__package__, "open_double")
_RETURN: Final = "SELECT return_doubles(NULL, $1, $2, $3, $4, $5, $6, $7)"


async def return_doubles(tx: Tx, batch: Sequence[CallbackNews], maker: IdMaker) -> list[PaymentId]:
    """The payments the money stands under. The caller holds the payments it came for, and heard
    of each with verdict DOUBLE; rare, so one after another."""
    made = [PaymentId(maker.make(cell_of(news.payment_id))) for news in batch]
    parts = []
    for news, double_id in zip(batch, made, strict=True):
        row = await tx.fetchrow(
            _OPEN,
            cell_of(news.payment_id),
            news.payment_id,
            double_id,
            news.provider,
            news.provider_ref,
            news.occurred_at,
        )
        assert row is not None, f"payment {news.payment_id} was never asked at {news.provider}"
        for order_id, amount_minor in zip(row["order_ids"], row["order_amounts"], strict=True):
            refund_id = maker.make(cell_of(order_id))
            at = news.occurred_at
            parts.append((order_id, double_id, amount_minor, news.provider, refund_id, at))
    await tx.execute(_RETURN, cells(part[0] for part in parts), *columns(parts))
    return made
