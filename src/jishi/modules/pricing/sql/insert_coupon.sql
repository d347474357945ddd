-- Write an issued coupon with its counts.
-- in:     $1 smallint cell, $2 bigint id and the columns of coupon in their order
-- out:    nothing
-- writes: coupon, coupon_count
WITH issued AS (
    INSERT INTO coupon (cell, id, shop_id, payer, creator_id, title, benefit, amount_minor, rate_bp, cap_minor,
        threshold_minor, scope, scope_ids, audience, is_exclusive, is_public, code, claim_from, claim_until,
        valid_from, valid_until, valid_days, total_limit, per_person, budget_minor, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::bigint[], $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23, $24, $25, $26, $27)
)
INSERT INTO coupon_count (cell, coupon_id) VALUES ($1, $2)
