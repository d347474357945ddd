-- Clearing of payouts must be exactly the withdrawals under way, in every cell.
-- out:    cell, clearing, what is under way
SELECT coalesce(a.cell, w.cell) AS cell, coalesce(a.held, 0) AS clearing_minor,
    coalesce(w.due, 0) AS under_way_minor
FROM (SELECT cell, credit_minor - debit_minor AS held FROM ledger_account
      WHERE kind = 'clearing:payout') a
FULL JOIN (SELECT cell, sum(amount_minor) AS due FROM withdrawal
           WHERE state IN ('asked', 'approved', 'sent') GROUP BY 1) w ON w.cell = a.cell
WHERE coalesce(a.held, 0) <> coalesce(w.due, 0)
