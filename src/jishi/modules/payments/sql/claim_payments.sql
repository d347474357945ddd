-- Take unpaid payments whose provider should be asked now; the claim lapses if we die meanwhile.
-- in:     $1 timestamptz now, $2 timestamptz until when the claim holds, $3 int how many at most
-- out:    the payments
-- locks:  payment rows by (check_at, id), skipping rows someone is changing
-- index:  payment_checking (check_at, id) WHERE check_at IS NOT NULL
-- rule:   jishi.modules.payments.rules.next_check_at
WITH due AS (
    SELECT cell, id FROM payment
    WHERE state <> 'paid' AND check_at <= $1
    ORDER BY check_at, id LIMIT $3
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE payment p SET check_at = $2 FROM due
WHERE p.cell = due.cell AND p.id = due.id
RETURNING p.*
