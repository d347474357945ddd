-- What left through a provider must be exactly the withdrawals paid through it and not returned, in every cell.
-- out:    cell, account, what the ledger says, what the withdrawals say
SELECT coalesce(a.cell, w.cell) AS cell, coalesce(a.kind, w.kind) AS account,
    coalesce(a.paid, 0) AS ledger_minor, coalesce(w.paid, 0) AS withdrawals_minor
FROM (SELECT cell, kind, credit_minor - debit_minor AS paid FROM ledger_account
      WHERE kind LIKE 'payout:%') a
FULL JOIN (SELECT cell, 'payout:' || provider AS kind, sum(amount_minor) AS paid FROM withdrawal
           WHERE state = 'paid' GROUP BY 1, 2) w ON w.cell = a.cell AND w.kind = a.kind
WHERE coalesce(a.paid, 0) <> coalesce(w.paid, 0)
