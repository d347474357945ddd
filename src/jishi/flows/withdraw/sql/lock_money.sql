-- What shops have and owe, held until the transaction ends, in the ledger's own order.
-- in:     $1 bigint[] shops, $2 boolean whether money is going to clearing:payout
-- out:    per account: cell, kind, party and balance in minor units, positive on its usual side
-- locks:  ledger_account by (cell, kind, party_id)
-- index:  ledger_account primary key
SELECT a.cell, a.kind, a.party_id,
    CASE a.kind WHEN 'receivable:shop' THEN a.debit_minor - a.credit_minor
        ELSE a.credit_minor - a.debit_minor END AS minor
FROM ledger_account a
WHERE (a.cell, a.kind, a.party_id) IN (
    SELECT cell_of(s.id), k.kind, s.id FROM unnest($1::bigint[]) s(id),
        (VALUES ('payable:shop'), ('receivable:shop')) k(kind)
    UNION ALL
    SELECT cell_of(s.id), 'clearing:payout', 0 FROM unnest($1::bigint[]) s(id) WHERE $2)
ORDER BY a.cell, a.kind, a.party_id
FOR NO KEY UPDATE
