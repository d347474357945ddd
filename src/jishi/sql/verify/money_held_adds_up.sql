-- Money held by providers must equal what is owed or kept: escrow + payables + deposits + fees + clearing
-- less subsidies and receivables, in every cell.
-- out:    cell and the difference
SELECT cell, sum(debit_minor - credit_minor) AS difference_minor
FROM ledger_account GROUP BY cell HAVING sum(debit_minor - credit_minor) <> 0
