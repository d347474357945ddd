-- Use coupons for orders; the caller holds their rows and has seen that they are unused.
-- in:     per use: $1 bigint[] claims, $2 bigint[] checkouts, $3 bigint[] orders, $4 bigint[] amounts,
--         $5 timestamptz[] instants
-- out:    how many coupons were used
-- writes: coupon_claim, coupon_use
-- index:  primary keys
WITH used AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
        u(claim, checkout, ord, amount, at)
), taken AS (
    UPDATE coupon_claim c SET used_at = u.at, checkout_id = u.checkout
    FROM (SELECT DISTINCT claim, checkout, at FROM used) u
    WHERE c.cell = cell_of(u.claim) AND c.id = u.claim AND c.used_at IS NULL
    RETURNING c.id
), noted AS (
    INSERT INTO coupon_use (cell, claim_id, order_id, amount_minor)
    SELECT cell_of(claim), claim, ord, amount FROM used
)
SELECT count(*) FROM taken
