-- Keep news that has no function of its own to keep it, with what became of it; a repeat is kept once.
-- in:     $1 smallint[] cell of the payment (0: no such payment), $2 text[] provider, $3 text[] event
--         id, $4 text[] kind, $5 bigint[] payment, $6 bigint[] amount minor, $7 text[] verdict,
--         $8 timestamptz received
-- writes: payment_callback
INSERT INTO payment_callback
    (cell, provider, event_id, kind, payment_id, amount_minor, verdict, received_at)
SELECT DISTINCT ON (cell, provider, event_id) n.*, $8
FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
    n(cell, provider, event_id, kind, payment_id, amount_minor, verdict)
ORDER BY cell, provider, event_id
ON CONFLICT (cell, provider, event_id) DO NOTHING
