-- Each withdrawal's steps follow the move table and end in its state, and its transfers are those of that state.
-- out:    withdrawal, its state, what is wrong with it
WITH step AS (
    SELECT cell, withdrawal_id, step AS state,
        lag(step) OVER (PARTITION BY cell, withdrawal_id ORDER BY position) AS before,
        lead(step) OVER (PARTITION BY cell, withdrawal_id ORDER BY position) IS NULL AS is_last
    FROM withdrawal_step WHERE step NOT IN ('seconded', 'passed')
), wrong_step AS (
    SELECT cell, withdrawal_id, coalesce(before, 'nothing') || ' → ' || state AS problem FROM step
    WHERE (coalesce(before, ''), state) NOT IN (('', 'prepared'), ('prepared', 'asked'),
        ('prepared', 'refused'), ('asked', 'approved'), ('asked', 'refused'), ('approved', 'sent'),
        ('approved', 'refused'), ('sent', 'paid'), ('sent', 'failed'), ('paid', 'returned'))
), booked AS (
    SELECT cell, subject_id, string_agg(kind, ' ' ORDER BY kind) AS kinds FROM ledger_transfer
    WHERE kind IN ('withdraw', 'withdraw_paid', 'withdraw_failed', 'withdraw_returned') GROUP BY 1, 2
)
SELECT w.id AS withdrawal_id, w.state, s.problem FROM wrong_step s
JOIN withdrawal w ON w.cell = s.cell AND w.id = s.withdrawal_id
UNION ALL
SELECT w.id, w.state, 'last step ' || coalesce(s.state, 'missing') FROM withdrawal w
LEFT JOIN step s ON s.cell = w.cell AND s.withdrawal_id = w.id AND s.is_last
WHERE s.state IS DISTINCT FROM w.state
UNION ALL
SELECT w.id, w.state, 'booked ' || coalesce(b.kinds, 'nothing') FROM withdrawal w
LEFT JOIN booked b ON b.cell = w.cell AND b.subject_id = w.id
WHERE coalesce(b.kinds, '') <> CASE
    WHEN w.state IN ('asked', 'approved', 'sent') THEN 'withdraw'
    WHEN w.state = 'paid' THEN 'withdraw withdraw_paid'
    WHEN w.state = 'returned' THEN 'withdraw withdraw_paid withdraw_returned'
    WHEN w.state = 'failed' OR (w.state = 'refused' AND w.asked_at IS NOT NULL) THEN 'withdraw withdraw_failed'
    ELSE '' END
