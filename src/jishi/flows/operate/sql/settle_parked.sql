-- Let a parked event be tried again at once, or put it away for good.
-- in:     $1 smallint cell, $2 text listener, $3 bigint position, $4 timestamptz now, $5 boolean replay
-- out:    the event's topic, subject and error; no row when it is not parked (any more)
-- writes: outbox_parked
-- locks:  the row
-- index:  primary key of outbox_parked
UPDATE outbox_parked SET
    retry_at = CASE WHEN $5 THEN $4 ELSE retry_at END,
    done_at = CASE WHEN $5 THEN NULL ELSE $4 END
WHERE cell = $1 AND listener = $2 AND position = $3 AND done_at IS NULL
RETURNING topic, subject_id, attempts, left(last_error, 300) AS last_error
