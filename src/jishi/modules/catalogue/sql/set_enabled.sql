-- Switch SKUs of a shop on or off and bring the price spans of their products along.
-- in:     $1 bigint shop, $2 bigint[] sku ids, $3 boolean[] enabled, $4 timestamptz now.
--         The caller holds the products (lock_products).
-- out:    ids of the products with a changed SKU
-- writes: sku, product
-- index:  sku primary key, sku_by_product
-- rule:   rules.is_sellable, rules.price_span
WITH asked AS (
    SELECT * FROM unnest($2::bigint[], $3::boolean[]) a (id, enabled)
), switched AS (
    UPDATE sku s SET enabled = a.enabled, on_sale = a.enabled AND p.state = 'listed', updated_at = $4
    FROM asked a, product p
    WHERE s.cell = cell_of(a.id) AND s.id = a.id AND s.shop_id = $1 AND NOT s.retired
        AND p.cell = s.cell AND p.id = s.product_id AND s.enabled <> a.enabled
    RETURNING s.cell, s.product_id
), touched AS (
    SELECT DISTINCT cell, product_id FROM switched
), spans AS (
    SELECT t.cell, t.product_id,
        coalesce(min(k.price_minor) FILTER (WHERE k.enabled), min(k.price_minor)) AS price_from,
        coalesce(max(k.price_minor) FILTER (WHERE k.enabled), max(k.price_minor)) AS price_to
    FROM touched t
    JOIN LATERAL (
        SELECT s.price_minor, coalesce(a.enabled, s.enabled) AS enabled
        FROM sku s LEFT JOIN asked a ON a.id = s.id
        WHERE s.cell = t.cell AND s.product_id = t.product_id AND NOT s.retired
    ) k ON true
    GROUP BY t.cell, t.product_id
)
UPDATE product p SET price_from_minor = n.price_from, price_to_minor = n.price_to,
    version = p.version + 1, updated_at = $4
FROM spans n WHERE p.cell = n.cell AND p.id = n.product_id
RETURNING p.id;
