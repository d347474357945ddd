-- Write the SKUs of products, new ones and those that stood before; the caller retires the rest.
-- in:     arrays, one element per SKU: $1 bigint ids, $2 bigint products, $3 bigint shops, $4 text codes,
--         $5 options as JSON text, $6 bigint prices, $7 bigint earlier prices or NULL, $8 int grams,
--         $9 boolean enabled, $10 boolean on sale, $11 smallint positions; $12 timestamptz now
-- writes: sku
-- locks:  sku in the order given, within products the caller holds
-- rule:   rules.is_sellable
INSERT INTO sku AS s (cell, id, product_id, shop_id, code, options, price_minor, list_price_minor, weight_grams,
    enabled, on_sale, position, updated_at)
SELECT cell_of(k.id), k.id, k.product_id, k.shop_id, k.code,
    ARRAY(SELECT jsonb_array_elements_text(k.options::jsonb)), k.price_minor, k.list_price_minor, k.weight_grams,
    k.enabled, k.on_sale, k.position, $12::timestamptz
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::int[], $9::boolean[], $10::boolean[], $11::smallint[]) WITH ORDINALITY
    k (id, product_id, shop_id, code, options, price_minor, list_price_minor, weight_grams, enabled, on_sale,
        position, at)
ORDER BY k.at
ON CONFLICT (cell, product_id, options) DO UPDATE
SET (code, price_minor, list_price_minor, weight_grams, enabled, retired, on_sale, position, updated_at)
    = (excluded.code, excluded.price_minor, excluded.list_price_minor, excluded.weight_grams, excluded.enabled,
       false, excluded.on_sale, excluded.position, excluded.updated_at);
