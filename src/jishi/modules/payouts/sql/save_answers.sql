-- Write down what a provider said of withdrawals that were sent.
-- in:     per withdrawal $1 bigint[] id, $2 text[] sent, paid or failed, $3 text[] the provider's reference or
--         NULL, $4 text[] why it failed, $5 text[] error or NULL, $6 timestamptz[] when to ask again;
--         $7 timestamptz now
-- out:    those that came to an end by this, as they are now
-- writes: withdrawal, withdrawal_step
-- locks:  withdrawal by (cell, id)
-- index:  primary key
WITH said AS (
    SELECT s.*, cell_of(s.id) AS cell
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
        s(id, state, ref, why, error, again_at)
), held AS (
    SELECT w.cell, w.id FROM withdrawal w JOIN said s ON s.cell = w.cell AND s.id = w.id
    WHERE w.state = 'sent' ORDER BY w.cell, w.id FOR NO KEY UPDATE OF w
), saved AS (
    UPDATE withdrawal w SET state = s.state, provider_ref = coalesce(s.ref, w.provider_ref), why = s.why,
        last_error = s.error, retry_at = CASE WHEN s.state = 'sent' THEN s.again_at END,
        ended_at = CASE WHEN s.state <> 'sent' THEN $7::timestamptz END
    FROM said s JOIN held h ON h.cell = s.cell AND h.id = s.id
    WHERE w.cell = h.cell AND w.id = h.id
    RETURNING w.*
), noted AS (
    INSERT INTO withdrawal_step (cell, withdrawal_id, step, actor, why, occurred_at)
    SELECT cell, id, state, 'provider', why, $7 FROM saved WHERE state <> 'sent'
)
SELECT * FROM saved WHERE state <> 'sent' ORDER BY cell, id
