"""The queue of applications and permits reads an index, however many were decided before."""

import pytest

from jishi.db import Tx
from jishi.flows.review_shops import flow
from tests.support.plans import plan_of

# Ids of one cell, one shop each, so that every application may be open.
_APPLICATIONS = """
INSERT INTO shop_application (cell, id, shop_id, applicant_id, kind, state, created_at, updated_at, submitted_at,
    due_at, decided_at)
SELECT 9, cell9.id, cell9.id, 1, 'business', CASE WHEN n % 100 = 0 THEN 'submitted' ELSE 'approved' END, now(), now(),
    now() - n * interval '1 minute', now(), CASE WHEN n % 100 > 0 THEN now() - n * interval '1 minute' END
FROM generate_series(1, 5000) n, LATERAL (SELECT (n::bigint << 22) | (9 << 14) AS id) cell9
"""
_PERMITS = """
INSERT INTO shop_qualification (cell, id, shop_id, kind, number, paper_id, valid_from, state, submitted_by,
    submitted_at, due_at)
SELECT 9, cell9.id, cell9.id, 'food', 'X', 1, '2026-01-01',
    CASE WHEN n % 100 = 0 THEN 'submitted' ELSE 'approved' END, 1, now() - n * interval '1 minute', now()
FROM generate_series(1, 5000) n, LATERAL (SELECT (n::bigint << 22) | (9 << 14) AS id) cell9
"""


@pytest.fixture
async def many(tx: Tx) -> Tx:
    await tx.execute(_APPLICATIONS)
    await tx.execute(_PERMITS)
    await tx.execute("ANALYZE shop_application")
    await tx.execute("ANALYZE shop_qualification")
    return tx


async def test_the_queue_reads_only_what_waits(many: Tx) -> None:
    plan = await plan_of(many, flow._QUEUE, None, None, 21)
    assert "shop_application_queue" in plan
    assert "shop_qualification_queue" in plan
    assert "Seq Scan on shop_application" not in plan
    assert "Seq Scan on shop_qualification" not in plan


async def test_what_was_decided_is_read_from_the_newest_down(many: Tx) -> None:
    plan = await plan_of(many, flow._DECIDED, None, None, 21)
    assert "shop_application_decided" in plan
    assert "Seq Scan on shop_application" not in plan
