-- Events listeners could not take, newest first.
-- in:     $1 timestamptz and $2 bigint: instant and position of the last row of the page before, $3 int limit
-- out:    parked events
-- index:  outbox_parked_newest
SELECT cell, listener, position, topic, subject_id, payload, attempts, last_error, retry_at, parked_at
FROM outbox_parked WHERE done_at IS NULL AND (parked_at, position) < ($1, $2::bigint)
ORDER BY parked_at DESC, position DESC LIMIT $3
