-- A shop's deposit must be the sum of its moves, and what the ledger owes it as a deposit.
-- out:    shop and the three amounts
SELECT coalesce(d.shop_id, a.party_id) AS shop_id, coalesce(d.held_minor, 0) AS held_minor,
    coalesce(m.moved, 0) AS moved_minor, coalesce(a.owed, 0) AS ledger_minor
FROM deposit d
FULL JOIN (SELECT cell, party_id, credit_minor - debit_minor AS owed FROM ledger_account
           WHERE kind = 'deposit:shop') a ON a.cell = d.cell AND a.party_id = d.shop_id
LEFT JOIN (SELECT cell, shop_id, sum(amount_minor) AS moved FROM deposit_move GROUP BY 1, 2) m
    ON m.cell = d.cell AND m.shop_id = d.shop_id
WHERE coalesce(d.held_minor, 0) <> coalesce(a.owed, 0) OR coalesce(d.held_minor, 0) <> coalesce(m.moved, 0)
