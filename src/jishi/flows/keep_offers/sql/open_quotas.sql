-- Write how many units each SKU of an offer has at its price.
-- in:     $1 bigint offer, $2 bigint[] SKUs, $3 bigint[] quotas, $4 bigint[] limits per buyer (NULL: none)
-- out:    nothing
-- writes: offer_stock
INSERT INTO offer_stock (cell, offer_id, sku_id, quota, per_buyer)
SELECT cell_of($1), $1, q.sku, q.quota, q.per_buyer
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) q(sku, quota, per_buyer)
