-- Write how many units each SKU of an offer has at its price; what they have sold stays.
-- in:     $1 bigint offer, $2 bigint[] all its SKUs; per SKU with a quota or a limit $3 bigint[] SKUs,
--         $4 bigint[] quotas, $5 bigint[] limits per buyer (NULL: none)
-- out:    nothing
-- writes: offer_stock
-- locks:  offer_stock by primary key; the caller holds those there are
WITH gone AS (
    DELETE FROM offer_stock WHERE cell = cell_of($1) AND offer_id = $1 AND sku_id <> ALL ($2::bigint[])
)
INSERT INTO offer_stock (cell, offer_id, sku_id, quota, per_buyer)
SELECT cell_of($1), $1, q.sku, q.quota, q.per_buyer
FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) q(sku, quota, per_buyer) ORDER BY q.sku
ON CONFLICT (cell, offer_id, sku_id) DO UPDATE SET quota = excluded.quota, per_buyer = excluded.per_buyer
