-- Completed orders whose settlement in the ledger is not fee + the shop's part = what was paid.
-- out:    order and the amounts
SELECT o.id AS order_id, o.amount_minor - o.refunded_minor AS paid_minor, o.fee_minor,
    sum(p.amount_minor) FILTER (WHERE p.kind = 'escrow') AS from_escrow_minor,
    -sum(p.amount_minor) FILTER (WHERE p.kind = 'fee') AS fee_posted_minor
FROM sale_order o
LEFT JOIN ledger_transfer t ON t.cell = o.cell AND t.order_id = o.id AND t.kind = 'complete'
LEFT JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id
WHERE o.state = 100
GROUP BY o.cell, o.id
HAVING sum(p.amount_minor) FILTER (WHERE p.kind = 'escrow') IS DISTINCT FROM
        o.amount_minor - o.refunded_minor
    OR coalesce(-sum(p.amount_minor) FILTER (WHERE p.kind = 'fee'), 0) <> o.fee_minor
    OR coalesce(-sum(p.amount_minor) FILTER (WHERE p.kind = 'payable:shop'), 0)
        <> o.amount_minor - o.refunded_minor - o.fee_minor
