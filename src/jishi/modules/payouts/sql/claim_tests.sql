-- Take up new bank accounts to be tested by their provider.
-- in:     $1 timestamptz now, $2 timestamptz until when they are nobody else's, $3 int how many at most
-- out:    the accounts
-- writes: bank_account
-- locks:  bank_account by (retry_at, id), skipping those somebody decides on
-- index:  bank_account_testing
UPDATE bank_account SET retry_at = $2, attempts = attempts + 1
WHERE (cell, id) IN (SELECT cell, id FROM bank_account WHERE retry_at <= $1
    ORDER BY retry_at, id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, shop_id, holder, bank, last4, state, is_default, provider, tries_left, why, usable_at,
    attempts, created_at, verified_at
