-- An account's totals beside the sums of its postings: the proof that the one is made of the other.
-- in:     $1 smallint cell, $2 text[] kinds, $3 bigint party
-- out:    one row per account that exists
-- index:  ledger_account primary key, ledger_posting_by_account
SELECT a.kind AS account, a.debit_minor, a.credit_minor,
    p.debit_minor AS posted_debit_minor, p.credit_minor AS posted_credit_minor, p.postings
FROM ledger_account a
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0)::bigint AS debit_minor,
        coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)::bigint AS credit_minor,
        count(*) AS postings
    FROM ledger_posting WHERE cell = a.cell AND kind = a.kind AND party_id = a.party_id
) p
WHERE a.cell = $1 AND a.kind = ANY ($2::text[]) AND a.party_id = $3
ORDER BY a.kind
