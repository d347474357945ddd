-- Accounts whose totals are not the sums of their postings.
-- out:    account, its totals, the sums
SELECT coalesce(a.kind, p.kind) AS kind, coalesce(a.party_id, p.party_id) AS party_id,
    a.debit_minor, a.credit_minor, p.debit AS posted_debit, p.credit AS posted_credit
FROM ledger_account a
FULL JOIN (
    SELECT cell, kind, party_id, coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS debit,
        coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS credit
    FROM ledger_posting GROUP BY 1, 2, 3
) p USING (cell, kind, party_id)
WHERE a.debit_minor IS DISTINCT FROM p.debit OR a.credit_minor IS DISTINCT FROM p.credit
