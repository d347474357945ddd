-- One page of a shop's goods with their stock.
-- in:    $1 bigint shop, $2 text state, $3 text word in title or code, escaped for LIKE (NULL: all),
--        $4 bigint products before this id (NULL: from the newest), $5 int how many
-- out:   products with SKU count, pieces on the shelf, held and sold over all warehouses; newest first
-- index: product_by_shop, product_audit_by_product, sku_by_product, stock primary key
SELECT p.id, p.title, p.title_en, p.state, p.pictures -> 0 AS picture, p.price_from_minor, p.price_to_minor,
    p.version, p.updated_at, p.listed_at, p.category_id,
    k.skus, k.skus_on, k.code, k.on_hand, k.held, k.sold, k.empty,
    (SELECT c.state FROM product_audit c WHERE c.cell = p.cell AND c.product_id = p.id AND c.state <> 'withdrawn'
        ORDER BY c.id DESC LIMIT 1) AS audit
FROM product p
LEFT JOIN LATERAL (
    SELECT count(DISTINCT s.id) AS skus, count(DISTINCT s.id) FILTER (WHERE s.enabled) AS skus_on, min(s.code) AS code,
        coalesce(sum(t.on_hand), 0)::bigint AS on_hand, coalesce(sum(t.held), 0)::bigint AS held,
        coalesce(sum(t.sold), 0)::bigint AS sold,
        count(*) FILTER (WHERE s.enabled AND coalesce(t.on_hand, 0) = 0) AS empty
    FROM sku s LEFT JOIN stock t ON t.cell = s.cell AND t.sku_id = s.id
    WHERE s.cell = p.cell AND s.product_id = p.id AND NOT s.retired
) k ON true
WHERE p.cell = cell_of($1) AND p.shop_id = $1 AND p.state = $2
    AND ($4::bigint IS NULL OR p.id < $4)
    AND ($3::text IS NULL OR p.title ILIKE $3 OR p.title_en ILIKE $3 OR EXISTS (
        SELECT FROM sku c WHERE c.cell = p.cell AND c.product_id = p.id AND c.code ILIKE $3))
ORDER BY p.id DESC LIMIT $5;
