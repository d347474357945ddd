-- Write new products with the words they are found by.
-- in:     arrays, one element per product: $1 bigint ids, $2 bigint shops, $3 int categories, $4 text states,
--         $5 text titles, $6 text English titles, $7 text descriptions, $8 text brands, $9 attributes and
--         $10 pictures as JSON text, $11 bigint lowest and $12 highest price, $13 text external ids (NULL: none),
--         $14 text words of the title, $15 of brand and category, $16 of the shop; $17 timestamptz now
-- out:    ids of the written products; one whose external id the shop has already is left out
-- writes: product
-- index:  product_external
INSERT INTO product (cell, id, shop_id, category_id, state, title, title_en, description, brand, attributes,
    pictures, price_from_minor, price_to_minor, external_id, search, created_at, updated_at, listed_at)
SELECT cell_of(p.id), p.id, p.shop_id, p.category_id, p.state, p.title, p.title_en, p.description, p.brand,
    p.attributes::jsonb, p.pictures::jsonb, p.price_from, p.price_to, p.external_id,
    setweight(to_tsvector('simple', p.words_a), 'A') || setweight(to_tsvector('simple', p.words_b), 'B')
        || setweight(to_tsvector('simple', p.words_c), 'C'),
    $17::timestamptz, $17, CASE WHEN p.state = 'listed' THEN $17 END
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[])
    WITH ORDINALITY p (id, shop_id, category_id, state, title, title_en, description, brand, attributes,
        pictures, price_from, price_to, external_id, words_a, words_b, words_c, at)
ORDER BY p.at
ON CONFLICT (cell, shop_id, external_id) WHERE external_id IS NOT NULL DO NOTHING
RETURNING id;
