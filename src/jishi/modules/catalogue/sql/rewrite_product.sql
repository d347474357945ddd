-- Write an edited product and retire the SKUs that are no longer among its combinations.
-- in:     $1 bigint id, $2 int category, $3 text title, $4 text English title, $5 text description, $6 text brand,
--         $7 jsonb attributes, $8 jsonb pictures, $9 bigint lowest and $10 highest price, $11 text words of the
--         title, $12 of brand and category, $13 of the shop, $14 jsonb the options kept (array of arrays),
--         $15 timestamptz now
-- out:    the new version
-- writes: product, sku
-- locks:  the product is held by lock_products
WITH retired AS (
    UPDATE sku s SET retired = true, enabled = false, on_sale = false, updated_at = $15
    WHERE s.cell = cell_of($1) AND s.product_id = $1 AND NOT s.retired
        AND NOT to_jsonb(s.options) IN (SELECT jsonb_array_elements($14::jsonb))
)
UPDATE product SET (category_id, title, title_en, description, brand, attributes, pictures, price_from_minor,
    price_to_minor, search, version, updated_at) = ($2, $3, $4, $5, $6, $7, $8, $9, $10,
    setweight(to_tsvector('simple', $11), 'A') || setweight(to_tsvector('simple', $12), 'B')
        || setweight(to_tsvector('simple', $13), 'C'), version + 1, $15)
WHERE cell = cell_of($1) AND id = $1
RETURNING version;
