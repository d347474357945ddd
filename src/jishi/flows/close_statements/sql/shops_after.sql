-- The next shops that ever had money, in order.
-- in:     $1 smallint cell and $2 bigint shop the batch before ended with, $3 int how many
-- out:    cell and shop
-- index:  ledger_account primary key, per cell
SELECT cell, party_id AS shop_id FROM ledger_account
WHERE kind = 'payable:shop' AND (cell, kind, party_id) > ($1, 'payable:shop', $2)
ORDER BY cell, kind, party_id LIMIT $3
