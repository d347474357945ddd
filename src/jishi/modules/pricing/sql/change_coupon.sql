-- Write what a coupon became; the caller holds its counts and has asked the rules.
-- in:     $1 bigint id and the columns of coupon from its payer on, in their order
-- out:    nothing
-- writes: coupon
UPDATE coupon SET (payer, creator_id, title, benefit, amount_minor, rate_bp, cap_minor, threshold_minor, scope,
    scope_ids, audience, is_exclusive, is_public, code, claim_from, claim_until, valid_from, valid_until, valid_days,
    total_limit, per_person, budget_minor, version) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11::bigint[], $12, $13,
    $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, version + 1)
WHERE cell = cell_of($1) AND id = $1
