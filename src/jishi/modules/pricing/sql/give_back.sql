-- Orders came to nothing: coupons none of whose orders is left go back to their owners while they are good.
-- in:     $1 bigint[] orders, $2 timestamptz now
-- out:    how many went back
-- writes: coupon_use, coupon_claim
-- index:  coupon_use_by_order, primary keys
WITH ended AS (
    UPDATE coupon_use u SET given_back_at = $2 FROM (SELECT DISTINCT unnest($1::bigint[]) AS id) o
    WHERE u.order_id = o.id AND u.given_back_at IS NULL
    RETURNING u.cell, u.claim_id, u.order_id
), free AS (
    SELECT DISTINCT e.cell, e.claim_id FROM ended e WHERE NOT EXISTS (
        SELECT FROM coupon_use u WHERE u.cell = e.cell AND u.claim_id = e.claim_id AND u.given_back_at IS NULL
            AND NOT EXISTS (SELECT FROM ended d WHERE d.claim_id = u.claim_id AND d.order_id = u.order_id))
), back AS (
    UPDATE coupon_claim c SET used_at = NULL, checkout_id = NULL FROM free f
    WHERE c.cell = f.cell AND c.id = f.claim_id AND c.used_at IS NOT NULL AND c.valid_until > $2
    RETURNING 1
)
SELECT count(*) FROM back
