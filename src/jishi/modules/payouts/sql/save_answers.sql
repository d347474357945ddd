-- Write down what a provider said of withdrawals that were sent, or that were paid and may have come back.
-- in:     per withdrawal $1 bigint[] id, $2 text[] sent, paid, failed or returned, $3 text[] the provider's
--         reference or NULL, $4 text[] why it came back, $5 text[] error or NULL, $6 timestamptz[] when to ask
--         again, NULL for never; $7 timestamptz now
-- out:    those whose state changed by this, as they are now
-- writes: withdrawal, withdrawal_step
-- locks:  withdrawal by (cell, id)
-- index:  primary key
-- rule:   rules.outcome
WITH said AS (
    SELECT s.*, cell_of(s.id) AS cell
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
        s(id, state, ref, why, error, again_at)
), held AS (
    SELECT w.cell, w.id, w.state FROM withdrawal w JOIN said s ON s.cell = w.cell AND s.id = w.id
    WHERE (w.state, s.state) IN (('sent', 'sent'), ('sent', 'paid'), ('sent', 'failed'), ('paid', 'paid'),
        ('paid', 'returned'))
    ORDER BY w.cell, w.id FOR NO KEY UPDATE OF w
), saved AS (
    UPDATE withdrawal w SET state = s.state, provider_ref = coalesce(s.ref, w.provider_ref), why = s.why,
        last_error = s.error, retry_at = s.again_at,
        ended_at = CASE WHEN s.state <> 'sent' THEN coalesce(w.ended_at, $7::timestamptz) END,
        returned_at = CASE WHEN s.state = 'returned' THEN $7::timestamptz END
    FROM said s JOIN held h ON h.cell = s.cell AND h.id = s.id
    WHERE w.cell = h.cell AND w.id = h.id
    RETURNING w.*, h.state AS state_before
), noted AS (
    INSERT INTO withdrawal_step (cell, withdrawal_id, step, actor, why, occurred_at)
    SELECT cell, id, state, 'provider', why, $7 FROM saved WHERE state <> state_before
)
SELECT * FROM saved WHERE state <> state_before ORDER BY cell, id
