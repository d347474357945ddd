-- One's used coupons, the latest first.
-- in:     $1 smallint cell, $2 bigint person, $3 timestamptz now (not asked), $4 timestamptz and $5 bigint use
--         and id to start after (NULL: the first), $6 int how many
-- out:    claims
-- index:  coupon_claim_spent
SELECT id, terms, valid_from, valid_until, used_at FROM coupon_claim
WHERE cell = $1 AND buyer_id = $2 AND used_at IS NOT NULL AND $3::timestamptz IS NOT NULL
    AND ($4::timestamptz IS NULL OR (used_at, id) < ($4, $5::bigint))
ORDER BY used_at DESC, id DESC LIMIT $6
