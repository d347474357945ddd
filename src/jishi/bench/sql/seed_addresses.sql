-- An address abroad for each buyer of a benchmark.
-- in:     $1 bigint[] accounts, $2 bigint[] addresses (same order), $3 timestamptz now
-- writes: address
INSERT INTO address (cell, id, account_id, country, receiver, phone, detail, city, created_at, updated_at)
SELECT cell_of(a.id), a.id, a.account, 'SG', 'Bench Buyer', '+6560000000', '1 Harbour Road', 'Singapore', $3, $3
FROM unnest($2::bigint[], $1::bigint[]) a(id, account)
