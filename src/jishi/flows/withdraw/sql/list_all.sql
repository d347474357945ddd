-- Withdrawals of all shops in some states, the newest first.
-- in:     $1 text[] states, $2 boolean only those that wait for the market, $3 bigint below which id, $4 int limit
-- out:    withdrawals with their shop's name and the account's last digits
-- index:  withdrawal_in_state once per state; withdrawal_newest when paid ones are wanted
WITH chosen AS (
    SELECT w.* FROM unnest($1::text[]) s(state)
    CROSS JOIN LATERAL (
        SELECT * FROM withdrawal w
        WHERE w.state = s.state AND w.state <> 'paid' AND w.id < $3
            AND (NOT $2 OR (w.needs_operator AND w.passed_by IS NULL AND (w.seconded_by IS NOT NULL OR NOT w.needs_second)))
        ORDER BY w.id DESC LIMIT $4
    ) w
    UNION ALL
    SELECT * FROM (
        SELECT * FROM withdrawal w WHERE w.state = 'paid' AND w.id < $3 AND 'paid' = ANY ($1::text[])
        ORDER BY w.id DESC LIMIT $4
    ) p
)
SELECT c.id, c.shop_id, c.amount_minor, c.state, c.needs_second, c.needs_operator, c.seconded_by, c.passed_by,
    c.why, c.last_error, c.attempts, c.prepared_at, c.asked_at, c.sent_at, c.ended_at,
    s.name AS shop_name, b.bank, b.last4, b.holder
FROM (SELECT * FROM chosen ORDER BY id DESC LIMIT $4) c
JOIN shop s ON s.cell = c.cell AND s.id = c.shop_id
JOIN bank_account b ON b.cell = c.cell AND b.id = c.account_id
ORDER BY c.id DESC
