-- Public coupons that can be claimed now, of some shops and of the market, the earliest to end first.
-- in:     $1 bigint[] shops, $2 timestamptz now, $3 smallint cell and $4 bigint id of who looks (NULL: a visitor)
-- out:    coupons, whether all are gone, how many of each the person has had
-- index:  coupon_on_offer, coupon_market_on_offer, coupon_claim_once
SELECT c.*, (c.total_limit IS NOT NULL AND n.claimed >= c.total_limit)
        OR (c.budget_minor IS NOT NULL AND n.reserved_minor + coalesce(c.amount_minor, c.cap_minor) > c.budget_minor)
        AS is_gone,
    CASE WHEN $4::bigint IS NULL THEN 0 ELSE (SELECT count(*) FROM coupon_claim m
        WHERE m.cell = $3::smallint AND m.buyer_id = $4 AND m.coupon_id = c.id) END AS mine
FROM (
    (SELECT o.* FROM unnest($1::bigint[]) s(id) CROSS JOIN LATERAL (
        SELECT * FROM coupon WHERE cell = cell_of(s.id) AND shop_id = s.id AND is_public AND ended_at IS NULL
            AND claim_until > $2 AND claim_from <= $2 ORDER BY claim_until LIMIT 20) o)
    UNION ALL
    (SELECT * FROM coupon WHERE shop_id IS NULL AND is_public AND ended_at IS NULL
        AND claim_until > $2 AND claim_from <= $2 ORDER BY claim_until LIMIT 20)
) c
JOIN coupon_count n ON n.cell = c.cell AND n.coupon_id = c.id
ORDER BY c.shop_id NULLS LAST, c.claim_until, c.id
