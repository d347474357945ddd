-- Give budgets back what expired coupons did not cost.
-- in:     $1 timestamptz now, $2 int how many at most
-- out:    how many were settled
-- writes: coupon_claim, coupon_count
-- locks:  coupon_claim by expiry, skipping rows in use; then coupon_count
-- index:  coupon_claim_settling
-- rule:   rules_terms.worst_minor
WITH due AS (
    SELECT cell, id, coupon_id, terms FROM coupon_claim WHERE NOT is_settled AND valid_until <= $1
    ORDER BY valid_until, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
), settled AS (
    UPDATE coupon_claim c SET is_settled = true FROM due d WHERE c.cell = d.cell AND c.id = d.id
), back AS (
    SELECT d.coupon_id, sum(coalesce(nullif((d.terms ->> 'amount_minor')::bigint, 0),
            (d.terms ->> 'cap_minor')::bigint, 0) - coalesce(u.amount, 0))::bigint AS minor
    FROM due d LEFT JOIN LATERAL (SELECT sum(amount_minor) AS amount FROM coupon_use u
        WHERE u.cell = d.cell AND u.claim_id = d.id AND u.given_back_at IS NULL) u ON true
    GROUP BY d.coupon_id
), freed AS (
    UPDATE coupon_count n SET reserved_minor = n.reserved_minor - b.minor FROM back b
    WHERE n.cell = cell_of(b.coupon_id) AND n.coupon_id = b.coupon_id
)
SELECT count(*) FROM due
