"""The queue of audits reads an index, however many were decided before."""

import pytest

from jishi.db import Tx
from jishi.flows.audit_products import queries
from tests.support.plans import plan_of

_AUDITS = """
INSERT INTO product_audit (cell, id, shop_id, product_id, kind, state, findings, rules_version, target, changes,
    version, source, asked_at, due_at, decided_by, decided_at)
SELECT 9, cell9.id, cell9.id, cell9.id, 'new', CASE WHEN n % 100 = 0 THEN 'open' ELSE 'approved' END, '[]', '1', '{}',
    '[]', 1, 'list', now() - n * interval '1 minute', now(), CASE WHEN n % 100 > 0 THEN 1 END,
    CASE WHEN n % 100 > 0 THEN now() - n * interval '1 minute' END
FROM generate_series(1, 5000) n, LATERAL (SELECT (n::bigint << 22) | (9 << 14) AS id) cell9
"""


@pytest.mark.parametrize(
    ("statement", "index"),
    [(queries._QUEUE, "product_audit_queue"), (queries._DECIDED, "product_audit_decided_newest")],
    ids=["waiting", "decided"],
)
async def test_a_page_of_audits_reads_its_index(tx: Tx, statement: str, index: str) -> None:
    await tx.execute(_AUDITS)
    await tx.execute("ANALYZE product_audit")
    plan = await plan_of(tx, statement, None, None, 21)
    assert index in plan
    assert "Seq Scan on product_audit" not in plan
    assert "Sort" not in plan
