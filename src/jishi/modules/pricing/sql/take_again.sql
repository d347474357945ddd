-- Orders revived by a late payment: their coupons count as used again, where nobody has used them since.
-- in:     $1 bigint[] orders, $2 timestamptz now
-- out:    how many were taken
-- writes: coupon_use, coupon_claim
-- index:  coupon_use_by_order, primary keys
WITH revived AS (
    UPDATE coupon_use u SET given_back_at = NULL FROM (SELECT DISTINCT unnest($1::bigint[]) AS id) o
    WHERE u.order_id = o.id AND u.given_back_at IS NOT NULL
    RETURNING u.cell, u.claim_id, u.order_id
), again AS (
    UPDATE coupon_claim c SET used_at = $2, checkout_id = r.order_id
    FROM (SELECT cell, claim_id, min(order_id) AS order_id FROM revived GROUP BY 1, 2) r
    WHERE c.cell = r.cell AND c.id = r.claim_id AND c.used_at IS NULL
    RETURNING 1
)
SELECT count(*) FROM again
