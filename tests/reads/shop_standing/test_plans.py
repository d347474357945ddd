"""Lists of cases read an index each, and the scores of a day are added up from that day's alone."""

from datetime import date
from typing import Any

import pytest

from jishi.db import Tx
from jishi.kit.ids import ID_MAX
from jishi.modules.scores import storage as scores
from jishi.reads.shop_standing import queries
from tests.support.plans import plan_of

SHOP = (77 << 22) | (9 << 14)
_CASES = """
INSERT INTO violation (cell, id, shop_id, rule_code, rule_version, state, statement, opened_by, opened_at,
    takes_effect_at, rule_by, appeal_until, judge_by, clock_at)
SELECT 9, cell9.id, CASE WHEN n % 50 = 0 THEN $1 ELSE cell9.id END, 'false-goods', 1,
    CASE WHEN n % 100 = 0 THEN 'answered' WHEN n % 100 = 1 THEN 'announced' WHEN n % 100 = 2 THEN 'dropped'
        ELSE 'final' END,
    'x', 1, now(), now(), now(), now(), now(), CASE WHEN n % 100 < 2 THEN now() - n * interval '1 minute' END
FROM generate_series(1, 5000) n, LATERAL (SELECT (n::bigint << 22) | (9 << 14) AS id) cell9
"""
_SCORES = """
INSERT INTO shop_score (cell, shop_id, day, formula, score, figures, made_at)
SELECT 9, ((n % 50)::bigint << 22) | (9 << 14), date '2026-01-01' + n / 50, 1, 80, '{}', now()
FROM generate_series(50, 5049) n
"""


@pytest.mark.parametrize(
    ("statement", "index", "values"),
    [
        (queries._OF_SHOP, "violation_by_shop", (SHOP, ID_MAX, 21)),
        (queries._WAITING, "violation_waiting", (None, None, 21)),
        (queries._IN_STATES, "violation_by_state", (["dropped", "final"], ID_MAX, 21)),
    ],
    ids=["of a shop", "waiting", "by state"],
)
async def test_a_page_of_cases_reads_its_index(
    tx: Tx, statement: str, index: str, values: tuple[Any, ...]
) -> None:
    await tx.execute(_CASES, SHOP)
    await tx.execute("ANALYZE violation")
    plan = await plan_of(tx, statement, *values)
    assert index in plan
    assert "Seq Scan on violation" not in plan


async def test_a_day_of_scores_is_added_up_without_the_other_days(tx: Tx) -> None:
    await tx.execute(_SCORES)
    await tx.execute("ANALYZE shop_score")
    plan = await plan_of(tx, scores._OPEN_RUN.partition("ON CONFLICT")[0], date(2026, 2, 1))
    assert "shop_score_by_day" in plan
