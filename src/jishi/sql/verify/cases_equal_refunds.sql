-- After-sale cases whose refunds are not what they settled, and refunds of cases that know nothing of them.
-- out:    case, what it says and what its refunds are
SELECT c.id AS case_id, c.state, c.refunded_minor, coalesce(r.amount_minor, 0) AS refunds_minor, coalesce(r.refunds, 0) AS refunds
FROM aftersale_case c
LEFT JOIN (SELECT cell, case_id, sum(amount_minor) AS amount_minor, count(*) AS refunds, min(id) AS refund_id
    FROM refund WHERE case_id IS NOT NULL GROUP BY 1, 2) r ON r.cell = c.cell AND r.case_id = c.id
WHERE c.refunded_minor <> coalesce(r.amount_minor, 0) OR coalesce(r.refunds, 0) > 1
    OR c.refund_id IS DISTINCT FROM r.refund_id
UNION ALL
SELECT r.case_id, r.state, NULL, r.amount_minor, 1
FROM refund r LEFT JOIN aftersale_case c ON c.cell = r.cell AND c.id = r.case_id AND c.order_id = r.order_id
WHERE r.case_id IS NOT NULL AND c.id IS NULL
UNION ALL
-- freight of returns: what was given back is its refund, what is owed is what the ledger says of that case
SELECT c.id, c.state, c.freight_refunded_minor, coalesce(r.amount_minor, 0), (r.id IS NOT NULL)::int
FROM aftersale_case c LEFT JOIN refund r ON r.cell = c.cell AND r.id = c.freight_refund_id AND r.order_id = c.order_id
WHERE c.freight_refunded_minor <> coalesce(r.amount_minor, 0)
UNION ALL
SELECT coalesce(c.id, b.case_id), c.state, coalesce(c.freight_owed_minor, 0), coalesce(b.owed_minor, 0), 0
FROM (SELECT * FROM aftersale_case WHERE freight_owed_minor > 0) c
FULL JOIN (SELECT t.cell, t.subject_id AS case_id, -p.amount_minor AS owed_minor
    FROM ledger_transfer t JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id AND p.kind = 'payable:buyer'
    WHERE t.kind = 'return_freight') b ON b.cell = c.cell AND b.case_id = c.id
WHERE coalesce(c.freight_owed_minor, 0) <> coalesce(b.owed_minor, 0)
