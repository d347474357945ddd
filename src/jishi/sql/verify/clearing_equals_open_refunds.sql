-- Clearing of refunds must be exactly the refunds not yet confirmed: zero for closed ones.
-- out:    cell, clearing, what is under way
SELECT coalesce(a.cell, r.cell) AS cell, coalesce(a.held, 0) AS clearing_minor,
    coalesce(r.due, 0) AS under_way_minor
FROM (SELECT cell, credit_minor - debit_minor AS held FROM ledger_account
      WHERE kind = 'clearing:refund') a
FULL JOIN (SELECT cell, sum(amount_minor) AS due FROM refund WHERE state <> 'confirmed' GROUP BY 1) r
    ON r.cell = a.cell
WHERE coalesce(a.held, 0) <> coalesce(r.due, 0)
