-- Shops that owe the market and have something: after setting off, one of both is nothing.
-- in:     $1 int how many
-- out:    shops
-- index:  ledger_account_owing, ledger_account primary key
SELECT r.party_id AS shop_id
FROM ledger_account r
JOIN ledger_account p ON p.cell = r.cell AND p.kind = 'payable:shop' AND p.party_id = r.party_id
WHERE r.kind = 'receivable:shop' AND r.debit_minor > r.credit_minor AND p.credit_minor > p.debit_minor
ORDER BY r.cell, r.party_id LIMIT $1
