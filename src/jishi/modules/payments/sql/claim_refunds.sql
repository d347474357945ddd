-- Take refunds that should be sent (or asked after) now; the claim lapses if we die meanwhile.
-- in:     $1 text state, asked or sent; $2 timestamptz now, $3 timestamptz until when the claim
--         holds, $4 int how many at most
-- out:    the refunds
-- locks:  refund rows by (retry_at, id), skipping rows someone is changing
-- index:  refund_open (retry_at, id) WHERE state IN ('asked', 'sent')
-- rule:   jishi.modules.payments.rules.refund_retry_at
WITH due AS (
    SELECT cell, id FROM refund
    WHERE state IN ('asked', 'sent') AND state = $1 AND retry_at <= $2
    ORDER BY retry_at, id LIMIT $4
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE refund r SET retry_at = $3, attempts = attempts + 1 FROM due
WHERE r.cell = due.cell AND r.id = due.id
RETURNING r.*
