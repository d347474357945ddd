-- Keep an event a listener could not take, with its error and when to try again.
-- in:     $1 text listener, $2 smallint cell, $3 bigint position, $4 text topic, $5 bigint subject,
--         $6 jsonb payload, $7 timestamptz occurred at, $8 int attempts, $9 text error,
--         $10 timestamptz retry at (NULL: only by hand), $11 timestamptz now
-- writes: outbox_parked
INSERT INTO outbox_parked (listener, cell, position, topic, subject_id, payload, occurred_at,
    attempts, last_error, retry_at, parked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (cell, listener, position) DO UPDATE
SET attempts = excluded.attempts, last_error = excluded.last_error, retry_at = excluded.retry_at
