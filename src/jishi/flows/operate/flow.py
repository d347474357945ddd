"""The deeds of operators: each changes something and writes its line in the same transaction."""

from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.flows.operate.types import EventNotParked, ParkedEvent
from jishi.kit.ids import AccountId, RefundId
from jishi.modules import audit
from jishi.modules.audit.types import EVENT_DISCARDED, EVENT_REPLAYED, REFUND_SENT_AGAIN
from jishi.modules.payments import Refund, send_refund_again

_SETTLE: Final = load_sql(__package__, "settle_parked")


async def resend_refund(
    tx: Tx, refund_id: RefundId, *, operator_id: AccountId, now: datetime
) -> Refund:
    """Let a failed refund go to its provider once more. Raises RefundNotFound, RefundNotFailed."""
    refund = await send_refund_again(tx, refund_id, now=now)
    facts = {"order_id": str(refund.order_id), "amount_minor": refund.amount_minor}
    await audit.note(tx, operator_id, REFUND_SENT_AGAIN, str(refund_id), now=now, facts=facts)
    return refund


async def settle_parked(
    tx: Tx, event: ParkedEvent, *, replay: bool, operator_id: AccountId, now: datetime
) -> None:
    """Try a parked event again within seconds, or put it away. Raises EventNotParked."""
    row = await tx.fetchrow(_SETTLE, event.cell, event.listener, event.position, now, replay)
    if row is None:
        raise EventNotParked
    facts = {
        "topic": row["topic"],
        "subject_id": str(row["subject_id"]),
        "attempts": row["attempts"],
        "last_error": row["last_error"],
    }
    action = EVENT_REPLAYED if replay else EVENT_DISCARDED
    subject = f"{event.listener}/{event.cell}/{event.position}"
    await audit.note(tx, operator_id, action, subject, now=now, facts=facts)
