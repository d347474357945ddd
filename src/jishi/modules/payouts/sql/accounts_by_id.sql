-- Bank accounts by their numbers, of any shop.
-- in:     $1 bigint[] accounts
-- out:    the accounts that exist
-- index:  bank_account primary key
SELECT id, shop_id, holder, bank, last4, state, is_default, provider, tries_left, why, usable_at,
    attempts, created_at, verified_at
FROM bank_account WHERE (cell, id) IN (SELECT cell_of(i.id), i.id FROM unnest($1::bigint[]) i(id))
