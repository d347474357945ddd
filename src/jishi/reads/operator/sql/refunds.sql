-- Refunds, newest first.
-- in:     $1 text state or NULL, $2 bigint below this id, $3 int limit
-- out:    refunds
-- index:  refund_newest, refund_failed
SELECT id, order_id, amount_minor, state, attempts, last_error, asked_at, ended_at
FROM refund WHERE id < $2 AND ($1::text IS NULL OR state = $1)
ORDER BY id DESC LIMIT $3
