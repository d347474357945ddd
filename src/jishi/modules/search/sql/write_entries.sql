-- Write what products are found by; a row read from an older version of its product changes nothing.
-- in:     arrays, one element per product: $1 bigint products, $2 bigint shops, $3 int categories, $4 int scores,
--         $5 bigint prices, $6 bigint sold, $7 text signs and $8 text facets as array texts, $9 text words,
--         $10 int versions; $11 timestamptz now
-- writes: search_entry
-- locks:  search_entry by (cell, product_id)
-- index:  search_entry primary key
INSERT INTO search_entry AS e (cell, product_id, shop_id, category_id, tier, score, price_minor, sold_count,
    signs, facets, words, version, indexed_at)
SELECT cell_of(n.product_id), n.product_id, n.shop_id, n.category_id,
    (SELECT count(*) FROM search_tier t WHERE n.score < t.least_score), n.score, n.price_minor, n.sold_count,
    n.signs::text[], n.facets::bigint[], n.words::tsvector, n.version, $11::timestamptz
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
    $9::text[], $10::int[])
    n (product_id, shop_id, category_id, score, price_minor, sold_count, signs, facets, words, version)
ORDER BY cell_of(n.product_id), n.product_id
ON CONFLICT (cell, product_id) DO UPDATE
SET (shop_id, category_id, tier, score, price_minor, sold_count, signs, facets, words, version, indexed_at)
    = (excluded.shop_id, excluded.category_id, excluded.tier, excluded.score, excluded.price_minor,
       excluded.sold_count, excluded.signs, excluded.facets, excluded.words, excluded.version, excluded.indexed_at)
WHERE e.version <= excluded.version
