-- A person's unused coupons that may lower a purchase, the earliest to expire first.
-- in:     $1 smallint cell and $2 bigint id of the person, $3 bigint[] shops, $4 timestamptz now,
--         $5 int most per shop and payer, $6 int most of all
-- out:    claims
-- index:  coupon_claim_usable
SELECT id, terms, valid_from, valid_until, used_at FROM (
    SELECT c.*, row_number() OVER (
        PARTITION BY c.shop_id, c.terms ->> 'payer', c.terms ->> 'benefit' = 'free_freight'
        ORDER BY c.valid_until, c.id) AS nth
    FROM coupon_claim c
    WHERE c.cell = $1 AND c.buyer_id = $2 AND c.used_at IS NULL AND c.valid_until > $4
        AND (c.shop_id IS NULL OR c.shop_id = ANY ($3))
) c
WHERE nth <= $5
ORDER BY valid_until, id LIMIT $6
