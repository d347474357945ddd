-- Set prices of a shop's SKUs and bring the price spans of their products along.
-- in:     $1 bigint shop, $2 bigint[] sku ids, $3 bigint[] prices, $4 bigint[] earlier prices or NULL,
--         $5 timestamptz now. The caller holds the products (lock_products).
-- out:    ids of the products whose prices changed
-- writes: sku, product
-- index:  sku primary key, sku_by_product
-- rule:   rules.price_span
WITH asked AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) a (id, price_minor, list_price_minor)
), priced AS (
    UPDATE sku s SET price_minor = a.price_minor, list_price_minor = a.list_price_minor, updated_at = $5
    FROM asked a
    WHERE s.cell = cell_of(a.id) AND s.id = a.id AND s.shop_id = $1
        AND (s.price_minor, s.list_price_minor) IS DISTINCT FROM (a.price_minor, a.list_price_minor)
    RETURNING s.cell, s.product_id
), touched AS (
    SELECT DISTINCT cell, product_id FROM priced
), spans AS (
    SELECT t.cell, t.product_id,
        coalesce(min(k.price) FILTER (WHERE k.enabled), min(k.price)) AS price_from,
        coalesce(max(k.price) FILTER (WHERE k.enabled), max(k.price)) AS price_to
    FROM touched t
    JOIN LATERAL (
        SELECT s.enabled, coalesce(a.price_minor, s.price_minor) AS price
        FROM sku s LEFT JOIN asked a ON a.id = s.id
        WHERE s.cell = t.cell AND s.product_id = t.product_id AND NOT s.retired
    ) k ON true
    GROUP BY t.cell, t.product_id
)
UPDATE product p SET price_from_minor = n.price_from, price_to_minor = n.price_to,
    version = p.version + 1, updated_at = $5
FROM spans n WHERE p.cell = n.cell AND p.id = n.product_id
RETURNING p.id;
