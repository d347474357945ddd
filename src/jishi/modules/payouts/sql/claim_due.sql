-- Take up withdrawals that are due: approved ones become sent before anybody calls the provider, so that from
-- then on nobody can refuse them; sent ones are asked about, and paid ones once more, should they have come back.
-- in:     $1 timestamptz now, $2 timestamptz until when they are nobody else's, $3 int how many at most
-- out:    the withdrawals as they are now, and the state before
-- writes: withdrawal, withdrawal_step
-- locks:  withdrawal by (retry_at, id), skipping rows somebody decides on
-- index:  withdrawal_due
WITH due AS (
    SELECT cell, id, state FROM withdrawal
    WHERE retry_at <= $1 AND state IN ('approved', 'sent', 'paid')
    ORDER BY retry_at, id LIMIT $3
    FOR NO KEY UPDATE SKIP LOCKED
), taken AS (
    UPDATE withdrawal w SET state = CASE w.state WHEN 'approved' THEN 'sent' ELSE w.state END,
        sent_at = coalesce(w.sent_at, $1), retry_at = $2,
        attempts = w.attempts + CASE w.state WHEN 'paid' THEN 0 ELSE 1 END
    FROM due d WHERE w.cell = d.cell AND w.id = d.id
    RETURNING w.*, d.state AS state_before
), noted AS (
    INSERT INTO withdrawal_step (cell, withdrawal_id, step, actor, occurred_at)
    SELECT cell, id, 'sent', 'clock', $1 FROM taken WHERE state_before = 'approved'
)
SELECT * FROM taken ORDER BY id
