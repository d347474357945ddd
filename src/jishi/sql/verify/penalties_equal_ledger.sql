-- What cases deducted and did not take back must be what the ledger earned by penalties, in every cell.
-- out:    cell and both amounts
SELECT coalesce(a.cell, p.cell) AS cell, coalesce(a.earned, 0) AS ledger_minor, coalesce(p.due, 0) AS cases_minor
FROM (SELECT cell, credit_minor - debit_minor AS earned FROM ledger_account WHERE kind = 'fee:penalty') a
FULL JOIN (SELECT cell, sum(from_deposit_minor + owed_minor) AS due FROM violation_penalty
           WHERE kind = 'deduction' AND state IN ('in_force', 'ended') GROUP BY cell) p ON p.cell = a.cell
WHERE coalesce(a.earned, 0) <> coalesce(p.due, 0)
