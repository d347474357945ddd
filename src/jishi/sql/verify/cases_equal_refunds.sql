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
