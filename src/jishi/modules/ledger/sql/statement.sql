-- The newest postings of some accounts of one party, before a transfer.
-- in:     $1 smallint cell, $2 text[] kinds of account, $3 bigint party, $4 bigint transfer id the page
--         starts below, $5 smallint posting below which it starts within that transfer, $6 int how many
-- out:    postings with their transfer, newest transfer first
-- index:  ledger_posting_by_account, once per kind; ledger_transfer primary key
SELECT e.transfer_id, e.posting, e.kind AS account, t.kind, t.order_id, t.subject_id, e.amount_minor,
    t.occurred_at
FROM (
    SELECT p.* FROM unnest($2::text[]) k(kind)
    CROSS JOIN LATERAL (
        SELECT transfer_id, posting, kind, amount_minor FROM ledger_posting
        WHERE cell = $1 AND kind = k.kind AND party_id = $3 AND transfer_id <= $4
            AND (transfer_id, posting) < ($4, $5)
        ORDER BY transfer_id DESC, posting DESC LIMIT $6
    ) p
    ORDER BY p.transfer_id DESC, p.posting DESC LIMIT $6
) e
JOIN ledger_transfer t ON t.cell = $1 AND t.id = e.transfer_id
ORDER BY e.transfer_id DESC, e.posting DESC
