"""What a permit must say, when its end is told, and who may decide. Pure."""

import re
from datetime import date, datetime, timedelta, timezone
from typing import Final

from jishi.kit.errors import Refusal
from jishi.modules.qualifications.types import (
    CLAIM_LIFE,
    NOTICE_DAYS,
    NUMBER_MAX,
    REASONS,
    ClaimedByOther,
    ClaimFirst,
    DateMissing,
    DatesTurned,
    Expired,
    NewQualification,
    NumberInvalid,
    PaperMissing,
    Qualification,
    QualificationKind,
    QualificationMoved,
    QualificationState,
    ReasonMissing,
)

PERMIT_ZONE: Final = timezone(timedelta(hours=8))  # papers end with the day in Beijing


def permit_day(now: datetime) -> date:
    """The day that counts for papers."""
    return now.astimezone(PERMIT_ZONE).date()


def problems(
    it: NewQualification, kind: QualificationKind, *, today: date, name: str
) -> list[Refusal]:
    """Everything that stands against handing it in, by field. ``name``: of the kind, for the reader."""
    found: list[Refusal] = []
    pattern = kind.number_pattern.replace("[:space:]", r"\s")
    if len(it.number) > NUMBER_MAX or not re.fullmatch(pattern.strip("^$"), it.number):
        found.append(NumberInvalid(field="number", name=name))
    if it.paper_id is None:
        found.append(PaperMissing(field="paper_id"))
    if it.valid_from is None:
        found.append(DateMissing(field="valid_from"))
    if it.valid_until is not None:
        if it.valid_until < today:
            found.append(Expired(field="valid_until"))
        elif it.valid_from is not None and it.valid_until < it.valid_from:
            found.append(DatesTurned(field="valid_until"))
    return found


def notice_days(valid_until: date, *, today: date, told_days: int | None) -> int | None:
    """Which notice of its end is due: 30, 7, or 0 once it has ended; None when all due ones were told."""
    left = (valid_until - today).days
    due = [days for days in NOTICE_DAYS if (left <= days if days else left < 0)]
    newest = min(due, default=None)
    return newest if newest is not None and (told_days is None or newest < told_days) else None


def check_claim(it: Qualification, operator_id: int, *, now: datetime) -> None:
    """Raises QualificationMoved, ClaimedByOther."""
    if it.state is QualificationState.SUBMITTED:
        return
    if it.state is not QualificationState.UNDER_REVIEW or it.claimed_at is None:
        raise QualificationMoved(state=it.state)
    if it.claimed_by != operator_id and now < it.claimed_at + CLAIM_LIFE:
        raise ClaimedByOther


def check_decision(it: Qualification, operator_id: int, *, approve: bool, reason: str) -> None:
    """Raises QualificationMoved, ClaimFirst, ReasonMissing."""
    if it.state is QualificationState.SUBMITTED:
        raise ClaimFirst
    if it.state is not QualificationState.UNDER_REVIEW:
        raise QualificationMoved(state=it.state)
    if it.claimed_by != operator_id:
        raise ClaimFirst
    if not approve and reason not in REASONS:
        raise ReasonMissing(field="reason")
