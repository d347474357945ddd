-- What providers told, newest first.
-- in:     $1 timestamptz and $2 text: instant and event id of the last row of the page before, $3 boolean
--         odd ones only (neither recorded, repeated, noted nor a refund's end), $4 int limit, $5 int how
--         many to look through
-- out:    callbacks
-- index:  payment_callback_newest
SELECT * FROM (
    SELECT provider, event_id, kind, payment_id, amount_minor, verdict, received_at FROM payment_callback
    WHERE received_at <= $1 AND (received_at, event_id) < ($1, $2)
    ORDER BY received_at DESC, event_id DESC LIMIT $5
) newest
WHERE NOT $3 OR verdict NOT IN ('recorded', 'repeat', 'noted', 'confirmed')
ORDER BY received_at DESC, event_id DESC LIMIT $4
