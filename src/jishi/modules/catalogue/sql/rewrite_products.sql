-- Write many edited products; their SKUs stay and are written by write_skus.
-- in:     arrays, one element per product: $1 bigint ids, $2 int categories, $3 text titles, $4 text English titles,
--         $5 text descriptions, $6 text brands, $7 bigint lowest and $8 highest prices, $9 text words of the
--         title (NULL: as they were), $10 of brand and category; $11 timestamptz now
-- out:    ids
-- writes: product
-- locks:  products the caller holds (lock_products)
UPDATE product p SET category_id = a.category_id, title = a.title, title_en = a.title_en,
    description = a.description, brand = a.brand, price_from_minor = a.price_from, price_to_minor = a.price_to,
    search = CASE WHEN a.words_a IS NULL THEN p.search ELSE setweight(to_tsvector('simple', a.words_a), 'A')
        || setweight(to_tsvector('simple', a.words_b), 'B') || ts_filter(p.search, '{c}') END,
    version = p.version + 1, updated_at = $11
FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
    $9::text[], $10::text[])
    a (id, category_id, title, title_en, description, brand, price_from, price_to, words_a, words_b)
WHERE p.cell = cell_of(a.id) AND p.id = a.id
RETURNING p.id;
