-- Transfers whose postings do not sum to zero, or that have none.
-- out:    transfer id and the sum
SELECT t.id AS transfer_id, t.kind, sum(p.amount_minor) AS sum_minor
FROM ledger_transfer t LEFT JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id
GROUP BY t.cell, t.id, t.kind HAVING coalesce(sum(p.amount_minor), -1) <> 0
