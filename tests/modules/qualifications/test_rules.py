"""What a permit must say, when its end is told, who may decide. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import AccountId, ShopId
from jishi.modules.qualifications import rules
from jishi.modules.qualifications.types import (
    CLAIM_LIFE,
    ClaimedByOther,
    ClaimFirst,
    NewQualification,
    Qualification,
    QualificationId,
    QualificationKind,
    QualificationMoved,
    QualificationState,
    ReasonMissing,
)

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
FOOD = QualificationKind(
    code="food", name_en="Food", name_zh="食品", number_pattern="^(JY|SC)[0-9]{14}$"
)
WHOLE = NewQualification(
    kind="food", number="JY11101010001234", paper_id=7, valid_from=TODAY, valid_until=None
)
MINE, OTHER = AccountId(1), AccountId(2)
HELD = Qualification(
    id=QualificationId(5), shop_id=ShopId(6), kind="food", number=WHOLE.number, paper_id=7,
    valid_from=TODAY, valid_until=TODAY, state=QualificationState.UNDER_REVIEW, reason="", note="",
    submitted_by=AccountId(3), submitted_at=NOW, due_at=NOW, claimed_by=MINE, claimed_at=NOW,
    decided_by=None, decided_at=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"number": "JY1"}, ["number"]),
        ({"number": "X" * 41}, ["number"]),
        ({"paper_id": None, "valid_from": None}, ["paper_id", "valid_from"]),
        ({"valid_until": TODAY}, []),
        ({"valid_until": TODAY - timedelta(days=1)}, ["valid_until"]),
        ({"valid_from": TODAY + timedelta(days=9), "valid_until": TODAY}, ["valid_until"]),
    ],
)
def test_a_permit_is_refused_by_field(changes: dict[str, Any], fields: list[str]) -> None:
    found = rules.problems(replace(WHOLE, **changes), FOOD, today=TODAY, name="x")
    assert [it.field for it in found] == fields


def test_the_day_of_papers_is_beijings() -> None:
    assert rules.permit_day(datetime(2026, 11, 22, 15, 59, tzinfo=UTC)) == TODAY
    assert rules.permit_day(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == TODAY + timedelta(days=1)


@given(st.integers(-40, 60), st.sampled_from([None, 30, 7, 0]))
def test_each_notice_is_told_once_and_the_nearest_end_wins(left: int, told: int | None) -> None:
    until = TODAY + timedelta(days=left)
    due = rules.notice_days(until, today=TODAY, told_days=told)
    now_due = 0 if left < 0 else 7 if left <= 7 else 30 if left <= 30 else None
    assert due == (now_due if now_due is not None and (told is None or now_due < told) else None)
    if due is not None:
        assert rules.notice_days(until, today=TODAY, told_days=due) is None


@pytest.mark.parametrize(
    ("changes", "who", "after", "problem"),
    [
        ({"state": QualificationState.SUBMITTED}, OTHER, timedelta(0), None),
        ({}, MINE, timedelta(0), None),
        ({}, OTHER, CLAIM_LIFE - timedelta(seconds=1), ClaimedByOther),
        ({}, OTHER, CLAIM_LIFE, None),
        ({"state": QualificationState.APPROVED}, MINE, timedelta(0), QualificationMoved),
    ],
)
def test_who_may_take_it_on(
    changes: dict[str, Any], who: int, after: timedelta, problem: type[Exception] | None
) -> None:
    permit = replace(HELD, **changes)
    if problem is None:
        rules.check_claim(permit, who, now=NOW + after)
        return
    with pytest.raises(problem):
        rules.check_claim(permit, who, now=NOW + after)


@pytest.mark.parametrize(
    ("changes", "who", "reason", "problem"),
    [
        ({}, MINE, "expired", None),
        ({}, MINE, "because", ReasonMissing),
        ({}, OTHER, "expired", ClaimFirst),
        ({"state": QualificationState.SUBMITTED}, MINE, "expired", ClaimFirst),
        ({"state": QualificationState.WITHDRAWN}, MINE, "expired", QualificationMoved),
    ],
)
def test_who_may_send_it_back(
    changes: dict[str, Any], who: int, reason: str, problem: type[Exception] | None
) -> None:
    permit = replace(HELD, **changes)
    if problem is None:
        rules.check_decision(permit, who, approve=False, reason=reason)
        return
    with pytest.raises(problem):
        rules.check_decision(permit, who, approve=False, reason=reason)


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (1, False)])
def test_a_permit_counts_to_the_end_of_its_last_day(days: int, counts: bool) -> None:  # noqa: FBT001
    permit = replace(HELD, state=QualificationState.APPROVED)
    assert permit.is_valid(TODAY + timedelta(days=days)) is counts
