-- Change prices and switches of a shop's SKUs and bring the price spans of their products along.
-- in:     $1 bigint shop, $2 bigint[] sku ids, $3 bigint[] prices (NULL: as it is, the earlier one too),
--         $4 bigint[] earlier prices or NULL, $5 boolean[] enabled (NULL: as it is), $6 timestamptz now.
--         The caller holds the products (lock_products).
-- out:    ids of the products with a changed SKU
-- writes: sku, product
-- index:  sku primary key, product primary key, sku_by_product
-- rule:   rules.is_sellable, rules.price_span
WITH asked AS (
    SELECT s.cell, s.id, p.state, coalesce(a.price_minor, s.price_minor) AS price_minor,
        CASE WHEN a.price_minor IS NULL THEN s.list_price_minor ELSE a.list_price_minor END AS list_price_minor,
        coalesce(a.enabled, s.enabled) AS enabled
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])
        a (id, price_minor, list_price_minor, enabled)
    JOIN sku s ON s.cell = cell_of($1) AND s.id = a.id AND s.shop_id + 0 = $1 AND NOT s.retired
    JOIN product p ON p.cell = s.cell AND p.id = s.product_id
), changed AS (
    UPDATE sku s SET price_minor = a.price_minor, list_price_minor = a.list_price_minor, enabled = a.enabled,
        on_sale = a.enabled AND a.state = 'listed', updated_at = $6
    FROM asked a
    WHERE s.cell = a.cell AND s.id = a.id AND (s.price_minor, s.list_price_minor, s.enabled)
        IS DISTINCT FROM (a.price_minor, a.list_price_minor, a.enabled)
    RETURNING s.cell, s.product_id
), touched AS (
    SELECT DISTINCT cell, product_id FROM changed
), spans AS (
    SELECT t.cell, t.product_id,
        coalesce(min(k.price) FILTER (WHERE k.enabled), min(k.price)) AS price_from,
        coalesce(max(k.price) FILTER (WHERE k.enabled), max(k.price)) AS price_to
    FROM touched t
    JOIN LATERAL (
        SELECT coalesce(a.price_minor, s.price_minor) AS price, coalesce(a.enabled, s.enabled) AS enabled
        FROM sku s LEFT JOIN asked a ON a.cell = s.cell AND a.id = s.id
        WHERE s.cell = t.cell AND s.product_id = t.product_id AND NOT s.retired
    ) k ON true
    GROUP BY t.cell, t.product_id
)
UPDATE product p SET price_from_minor = n.price_from, price_to_minor = n.price_to,
    version = p.version + 1, updated_at = $6
FROM spans n WHERE p.cell = n.cell AND p.id = n.product_id
RETURNING p.id;
