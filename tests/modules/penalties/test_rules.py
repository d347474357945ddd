"""What the clock does, the moves of a case, and the published rules beside the table."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.db import Tx
from jishi.kit.moves import reachable
from jishi.modules import penalties
from jishi.modules.penalties import Case, CaseId, CaseState, Outcome, rules
from jishi.modules.penalties.types import MOVES, STATE_WORDS
from jishi.modules.penalties.words import RULE_TEXTS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOC = Path(__file__).parents[3] / "docs" / "rules" / "shops.md"
TIME = {
    CaseState.ANNOUNCED: "takes_effect_at",
    CaseState.ANSWERED: "rule_by",
    CaseState.IN_FORCE: "appeal_until",
    CaseState.APPEALED: "judge_by",
}


def a_case(state: CaseState, **changes: Any) -> Case:
    facts: dict[str, Any] = {
        "id": CaseId(1),
        "shop_id": 2,
        "rule_code": "false-goods",
        "rule_version": 1,
        "state": state,
        "statement": "x",
        "opened_by": 3,
        "opened_at": NOON,
        "takes_effect_at": NOON,
        "answer": "",
        "answered_at": None,
        "rule_by": NOON,
        "ruled_by": None,
        "ruled_at": None,
        "ruling": "",
        "appeal_until": NOON,
        "appeal": "",
        "appealed_at": None,
        "judge_by": NOON,
        "judged_by": None,
        "judged_at": None,
        "judgement": "",
        "version": 1,
        "penalties": (),
    }
    return Case(**{**facts, **changes})


@pytest.mark.parametrize("state", list(CaseState))
def test_the_clock_acts_at_the_very_instant_and_follows_the_moves(state: CaseState) -> None:
    case = a_case(state)
    found = rules.by_clock(case, now=NOON)
    assert (found is None) == (state not in TIME)
    assert rules.by_clock(case, now=NOON - timedelta(microseconds=1)) is None
    if found:
        assert found[0] in MOVES[state]
        assert (found[1] is Outcome.REVERSE) == (state is CaseState.APPEALED)


def test_every_state_can_be_reached_and_has_words() -> None:
    assert reachable(CaseState.ANNOUNCED, MOVES) == set(CaseState) == set(STATE_WORDS)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(-(10**9), 10**9))
def test_a_deduction_and_its_reversal_are_whole(amount: int, held: int, still_owed: int) -> None:
    taken, owed = rules.from_deposit(amount, held)
    assert taken + owed == amount
    assert taken <= held
    back = rules.given_back(taken, owed, still_owed)
    assert sum(back) == amount
    assert min(back) >= 0
    assert back[1] <= max(still_owed, 0)


async def test_the_published_rules_are_those_of_the_table(tx: Tx) -> None:
    text = DOC.read_text("utf-8")
    flat = " ".join(text.split())
    found = await penalties.list_rules(tx)
    assert {(it.code, it.version) for it in found} == set(RULE_TEXTS)
    for it in found:
        assert f"## {it.code} · version {it.version}" in text
        assert RULE_TEXTS[it.code, it.version] in flat
        limits = (
            f"points at most {it.points_max} · deduction at most ¥{it.deduction_max_minor // 100:,} · "
            f"suspension at most {it.suspension_max_days} days · {it.answer_hours} hours to answer"
        )
        assert limits in flat, it.code
        assert "Penalties: " + ", ".join(it.penalties) + "." in flat, it.code
