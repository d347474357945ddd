-- Put a coupon into somebody's hands; the caller holds its counts.
-- in:     $1 smallint cell, $2 bigint claim, $3 bigint person, $4 bigint coupon, $5 bigint shop or NULL,
--         $6 int which of theirs, $7 jsonb terms, $8 timestamptz now, $9 and $10 when it is good,
--         $11 bigint minor units kept of the budget
-- out:    nothing
-- writes: coupon_count, coupon_claim
WITH counted AS (
    UPDATE coupon_count SET claimed = claimed + 1, reserved_minor = reserved_minor + $11
    WHERE cell = cell_of($4) AND coupon_id = $4
)
INSERT INTO coupon_claim (cell, id, buyer_id, coupon_id, shop_id, number, terms, claimed_at, valid_from,
    valid_until, is_settled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 = 0)
