-- Products as snapshots, SKUs included.
-- in:    $1 bigint[] product ids
-- out:   id, shop_id, version, state, snapshot
-- index: product primary key, sku_by_product
-- rule:  versions.FIELDS, versions.SKU_FIELDS
SELECT p.id, p.shop_id, p.version, p.state, jsonb_build_object(
    'title', p.title, 'title_en', p.title_en, 'brand', p.brand, 'description', p.description,
    'category_id', p.category_id, 'condition', p.condition, 'attributes', p.attributes, 'pictures', p.pictures,
    'state', p.state, 'skus', coalesce(k.skus, '{}')) AS snapshot
FROM unnest($1::bigint[]) a (id)
JOIN product p ON p.cell = cell_of(a.id) AND p.id = a.id
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(to_jsonb(s.options)::text, jsonb_build_object('id', s.id::text,
        'price_minor', s.price_minor, 'list_price_minor', s.list_price_minor, 'code', s.code,
        'weight_grams', s.weight_grams, 'enabled', s.enabled, 'position', s.position)) AS skus
    FROM sku s WHERE s.cell = p.cell AND s.product_id = p.id AND NOT s.retired
) k ON true
ORDER BY p.id;
