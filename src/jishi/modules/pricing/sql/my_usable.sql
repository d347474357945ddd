-- One's coupons that can be used, the earliest to expire first.
-- in:     $1 smallint cell, $2 bigint person, $3 timestamptz now, $4 timestamptz and $5 bigint expiry and id
--         to start after (NULL: the first), $6 int how many
-- out:    claims
-- index:  coupon_claim_usable
SELECT id, terms, valid_from, valid_until, used_at FROM coupon_claim
WHERE cell = $1 AND buyer_id = $2 AND used_at IS NULL AND valid_until > $3
    AND ($4::timestamptz IS NULL OR (valid_until, id) > ($4, $5::bigint))
ORDER BY valid_until, id LIMIT $6
