-- Our side of a bill: what its rows are about, and what was paid, confirmed, paid out and sent back on its day.
-- in:    $1 text provider, $2 timestamptz from, $3 timestamptz up to, $4 bigint[] payments the bill
--        names, $5 bigint[] refunds and $6 bigint[] withdrawals it names
-- out:   what, id, the number the provider knows, amount minor, state, whether it is done, when
-- index: primary keys; payment_paid_day, refund_confirmed_day, withdrawal_ended_at, withdrawal_returned_at
WITH asked AS (
    SELECT DISTINCT id FROM unnest($4::bigint[]) n(id)
), asked_refund AS (
    SELECT DISTINCT id FROM unnest($5::bigint[]) n(id)
), named AS (
    SELECT p.id, p.id AS number, p.amount_minor, p.state, p.paid_at
    FROM asked n JOIN payment p ON p.cell = cell_of(n.id) AND p.id = n.id AND p.provider = $1
    UNION ALL  -- asked there first and paid elsewhere; or paid there as well, and going back
    SELECT coalesce(d.id, a.payment_id), a.payment_id, coalesce(d.amount_minor, p.amount_minor),
        coalesce(d.state, CASE p.state WHEN 'paid' THEN 'elsewhere' ELSE p.state END), d.paid_at
    FROM asked n
    JOIN payment_ask a ON a.cell = cell_of(n.id) AND a.payment_id = n.id AND a.provider = $1
    JOIN payment p ON p.cell = a.cell AND p.id = a.payment_id AND p.provider <> $1
    LEFT JOIN payment d ON d.cell = a.cell AND d.id = a.double_id
), of_day AS (
    SELECT p.id, coalesce(p.double_of, p.id) AS number, p.amount_minor, p.state, p.paid_at
    FROM payment p
    WHERE p.provider = $1 AND p.paid_at >= $2 AND p.paid_at < $3
), out AS (
    SELECT w.id, w.amount_minor, w.state, w.ended_at, w.returned_at
    FROM (SELECT DISTINCT id FROM unnest($6::bigint[]) n(id)) n
    JOIN withdrawal w ON w.cell = cell_of(n.id) AND w.id = n.id AND w.provider = $1
    UNION
    SELECT w.id, w.amount_minor, w.state, w.ended_at, w.returned_at FROM withdrawal w
    WHERE w.provider = $1 AND w.state IN ('paid', 'returned') AND w.ended_at >= $2 AND w.ended_at < $3
    UNION
    SELECT w.id, w.amount_minor, w.state, w.ended_at, w.returned_at FROM withdrawal w
    WHERE w.provider = $1 AND w.returned_at >= $2 AND w.returned_at < $3
)
SELECT 'payment' AS what, id, number, amount_minor, state, state = 'paid' AS is_done, paid_at AS at
FROM (SELECT * FROM named UNION SELECT * FROM of_day) both_sides
UNION ALL
SELECT 'refund', id, id, amount_minor, state, state = 'confirmed', ended_at FROM (
    SELECT r.id, r.amount_minor, r.state, r.ended_at
    FROM asked_refund n
    JOIN refund r ON r.cell = cell_of(n.id) AND r.id = n.id AND r.provider = $1
    UNION
    SELECT r.id, r.amount_minor, r.state, r.ended_at FROM refund r
    WHERE r.state = 'confirmed' AND r.provider = $1 AND r.ended_at >= $2 AND r.ended_at < $3
) refunds
UNION ALL
SELECT 'payout', id, id, amount_minor, state, state IN ('paid', 'returned'), ended_at FROM out
UNION ALL
SELECT 'payout_return', id, id, amount_minor, state, state = 'returned', returned_at FROM out
