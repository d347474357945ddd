"""What the rest of Jishi may ask of permits. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from jishi.db import Tx
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.text import clean
from jishi.modules.qualifications import rules, storage
from jishi.modules.qualifications.types import (
    NOTE_MAX,
    Ending,
    KindUnknown,
    NewQualification,
    Qualification,
    QualificationId,
    QualificationKind,
    QualificationMoved,
    QualificationNotFound,
    QualificationState,
    QualificationWaiting,
)


async def list_kinds(tx: Tx) -> list[QualificationKind]:
    """Every kind of permit the market knows; a handful."""
    return await storage.list_kinds(tx)


async def missing_for(
    tx: Tx, pairs: Sequence[tuple[ShopId, int]], *, today: date
) -> dict[int, list[QualificationKind]]:
    """Permits that lack, by place in ``pairs`` of shop and category; nothing lacks where no place stands.

    Knows nothing of kinds of shops: whether a shop needs permits at all is asked by flow ``admit_goods``.
    """
    found: dict[int, list[QualificationKind]] = {}
    for at, code, name_en, name_zh in await storage.missing(tx, pairs, today=today):
        kind = QualificationKind(code=code, name_en=name_en, name_zh=name_zh, number_pattern="")
        found.setdefault(at, []).append(kind)
    return found


async def of_shop(tx: Tx, shop_id: ShopId) -> list[Qualification]:
    """All permits a shop ever handed in, by kind, the newest first; at most 200."""
    return await storage.of_shop(tx, shop_id)


async def get_qualification(tx: Tx, qualification_id: QualificationId) -> Qualification:
    """Raises QualificationNotFound."""
    found = await storage.find(tx, qualification_id)
    if found is None:
        raise QualificationNotFound
    return found


async def submit(
    tx: Tx,
    shop_id: ShopId,
    it: NewQualification,
    *,
    qualification_id: QualificationId,
    by: AccountId,
    locale: str,
    due_at: datetime,
    today: date,
    now: datetime,
) -> None:
    """Hand a permit in. Raises KindUnknown, Refusals by field, QualificationWaiting."""
    kinds = {each.code: each for each in await storage.list_kinds(tx)}
    if it.kind not in kinds:
        raise KindUnknown(field="kind")
    kind = kinds[it.kind]
    ready = replace(it, number=clean(it.number).upper())
    name = kind.name_zh if locale == "zh-CN" else kind.name_en
    problems = rules.problems(ready, kind, today=today, name=name)
    if problems:
        raise Refusals(problems)
    if not await storage.insert(
        tx, qualification_id, shop_id, ready, by=by, now=now, due_at=due_at
    ):
        raise QualificationWaiting(field="kind")


async def claim(
    tx: Tx, qualification_id: QualificationId, *, operator_id: AccountId, now: datetime
) -> Qualification:
    """Take it on. Raises QualificationNotFound, QualificationMoved, ClaimedByOther."""
    before = await _held(tx, qualification_id)
    rules.check_claim(before, operator_id, now=now)
    await storage.claim(tx, qualification_id, operator_id, now=now)
    return before


async def decide(
    tx: Tx,
    qualification_id: QualificationId,
    *,
    approve: bool,
    reason: str,
    note: str,
    operator_id: AccountId,
    now: datetime,
) -> Qualification:
    """Approve it or send it back.

    Raises QualificationNotFound, QualificationMoved, ClaimFirst, ReasonMissing.
    """
    before = await _held(tx, qualification_id)
    rules.check_decision(before, operator_id, approve=approve, reason=reason)
    state = QualificationState.APPROVED if approve else QualificationState.SENT_BACK
    await storage.decide(
        tx,
        qualification_id,
        state,
        operator_id=operator_id,
        reason="" if approve else reason,
        note=note.strip()[:NOTE_MAX],
        now=now,
    )
    return replace(before, state=state)


async def withdraw(
    tx: Tx, shop_id: ShopId, qualification_id: QualificationId, *, now: datetime
) -> None:
    """Take back one that waits. Raises QualificationMoved."""
    if not await storage.withdraw(tx, shop_id, qualification_id, now=now):
        raise QualificationMoved


async def ending(tx: Tx, *, today: date, limit: int) -> list[Ending]:
    """Permits whose next notice is due, each marked as told; the caller tells it in this transaction."""
    found: list[Ending] = []
    for row in await storage.ending(tx, today=today, limit=limit):
        days = rules.notice_days(row["valid_until"], today=today, told_days=row["told_days"])
        assert days is not None, f"permit {row['id']} was fetched without a notice due"
        found.append(
            Ending(
                id=row["id"],
                shop_id=row["shop_id"],
                kind=row["kind"],
                valid_until=row["valid_until"],
                days=days,
            )
        )
    if found:
        await storage.mark_told(tx, [(it.id, it.days) for it in found])
    return found


async def _held(tx: Tx, qualification_id: QualificationId) -> Qualification:
    found = await storage.lock(tx, qualification_id)
    if found is None:
        raise QualificationNotFound
    return found
