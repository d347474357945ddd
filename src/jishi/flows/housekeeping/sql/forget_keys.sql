-- Forget answers to old Idempotency-Keys.
-- in:     $1 timestamptz kept since, $2 int how many at most
-- out:    how many were forgotten
-- writes: idempotency
-- index:  idempotency_age
WITH old AS (
    SELECT cell, account_id, key FROM idempotency WHERE stored_at < $1
    ORDER BY stored_at LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM idempotency i USING old o
    WHERE i.cell = o.cell AND i.account_id = o.account_id AND i.key = o.key RETURNING 1
)
SELECT count(*) FROM gone
