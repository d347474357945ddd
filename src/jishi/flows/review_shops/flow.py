"""Claims and decisions of operators, each with its line in the audit record and its message to the shop."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Row, Tx, load_sql
from jishi.flows.open_shop.application import follow_decision
from jishi.kit.ids import AccountId
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.modules import audit, notices, qualifications, shops
from jishi.modules.audit.types import APPLICATION_DECIDED, PERMIT_DECIDED, REVIEW_CLAIMED
from jishi.modules.qualifications import Qualification, QualificationId
from jishi.modules.shops import Application, ApplicationId

_QUEUE = load_sql(__package__, "queue")
_DECIDED = load_sql(__package__, "decided")


async def list_queue(tx: Tx, *, cursor: str | None, size: int) -> Page[Row]:
    """Applications and permits that wait, the oldest first. Raises CursorInvalid."""
    after = decode_cursor(cursor, datetime, int) or (None, None)
    rows = list(await tx.fetch(_QUEUE, *after, size + 1))
    return page_of(rows, size, lambda row: (row["submitted_at"], row["id"]))


async def list_decided(tx: Tx, *, cursor: str | None, size: int) -> Page[Row]:
    """Decided applications, the newest first. Raises CursorInvalid."""
    before = decode_cursor(cursor, datetime, int) or (None, None)
    rows = list(await tx.fetch(_DECIDED, *before, size + 1))
    return page_of(rows, size, lambda row: (row["decided_at"], row["id"]))


async def claim_application(
    tx: Tx, application_id: ApplicationId, *, operator_id: AccountId, now: datetime
) -> None:
    """Raises ApplicationNotFound, ApplicationMoved, ClaimedByOther, OwnShop."""
    claimed = await shops.claim_application(tx, application_id, operator_id=operator_id, now=now)
    facts = {"shop_id": str(claimed.shop_id)}
    await audit.note(tx, operator_id, REVIEW_CLAIMED, str(application_id), now=now, facts=facts)


async def decide_application(
    tx: Tx,
    application_id: ApplicationId,
    *,
    approve: bool,
    reasons: Sequence[dict[str, str]],
    note: str,
    operator_id: AccountId,
    now: datetime,
) -> Application:
    """Raises what shops.decide_application raises."""
    after = await shops.decide_application(
        tx,
        application_id,
        approve=approve,
        reasons=reasons,
        note=note,
        operator_id=operator_id,
        now=now,
    )
    facts = {
        "shop_id": str(after.shop_id),
        "state": after.state,
        "reasons": ", ".join(f"{it['field']}: {it['code']}" for it in reasons),
    }
    await audit.note(
        tx, operator_id, APPLICATION_DECIDED, str(application_id), now=now, facts=facts
    )
    await follow_decision(tx, after, now=now)
    return after


async def claim_permit(
    tx: Tx, permit_id: QualificationId, *, operator_id: AccountId, now: datetime
) -> None:
    """Raises QualificationNotFound, QualificationMoved, ClaimedByOther."""
    claimed = await qualifications.claim(tx, permit_id, operator_id=operator_id, now=now)
    facts = {"shop_id": str(claimed.shop_id)}
    await audit.note(tx, operator_id, REVIEW_CLAIMED, str(permit_id), now=now, facts=facts)


async def decide_permit(
    tx: Tx,
    permit_id: QualificationId,
    *,
    approve: bool,
    reason: str,
    note: str,
    operator_id: AccountId,
    now: datetime,
) -> Qualification:
    """Raises what qualifications.decide raises."""
    after = await qualifications.decide(
        tx,
        permit_id,
        approve=approve,
        reason=reason,
        note=note,
        operator_id=operator_id,
        now=now,
    )
    facts = {"shop_id": str(after.shop_id), "state": after.state, "reason": reason}
    await audit.note(tx, operator_id, PERMIT_DECIDED, str(permit_id), now=now, facts=facts)
    told = notices.Told(
        kind="standing.permit_approved" if approve else "standing.permit_sent_back",
        shop_id=after.shop_id,
        subject_id=after.id,
        facts={"shop_id": str(after.shop_id), "permit": after.kind},
        at=now,
    )
    await notices.tell(tx, [told])
    return after
