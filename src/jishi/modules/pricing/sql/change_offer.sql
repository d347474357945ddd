-- Write what an offer became; the caller holds the shop's offers and has asked the rules.
-- in:     $1 smallint cell, $2 bigint offer, $3 text title, $4 text audience, $5 boolean exclusive,
--         $6 to $8 timestamptz announced, starts, ends; $9 int pieces, $10 bigint price of a set;
--         per SKU $11 bigint[] SKUs, $12 bigint[] products, $13 bigint[] prices (NULL: a set)
-- out:    nothing
-- writes: offer, offer_item
WITH changed AS (
    UPDATE offer SET title = $3, audience = $4, is_exclusive = $5, announced_at = $6, starts_at = $7,
        ends_at = $8, pieces = $9, price_minor = $10, version = version + 1
    WHERE cell = $1 AND id = $2
), gone AS (
    DELETE FROM offer_item WHERE cell = $1 AND offer_id = $2 AND sku_id <> ALL ($11::bigint[])
)
INSERT INTO offer_item (cell, offer_id, sku_id, product_id, price_minor, announced_at, starts_at, ends_at)
SELECT $1, $2, i.sku, i.product, i.price, $6, $7, $8
FROM unnest($11::bigint[], $12::bigint[], $13::bigint[]) i(sku, product, price)
ON CONFLICT (cell, offer_id, sku_id) DO UPDATE SET price_minor = excluded.price_minor,
    announced_at = excluded.announced_at, starts_at = excluded.starts_at, ends_at = excluded.ends_at
