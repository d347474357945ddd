-- Reviews of one product in made-up words, some with pictures and follow-ups, over all stars and SKUs.
-- in:     $1 smallint cell, $2 bigint shop, $3 product, $4 bigint[] its SKUs, $5 text[] words, $6 int how many,
--         $7 bigint the first millisecond, $8 bigint node, $9 int which of the many is the first, $10 of how many
-- writes: review
INSERT INTO review (cell, id, shop_id, product_id, sku_id, order_id, line, writer_id, writer_name, stars, text,
    pictures, follow_up, followed_up_at, detail, text_digest, rank, created_at)
SELECT $1, m.id, $2, $3, ($4::bigint[])[1 + m.n % cardinality($4::bigint[])], m.id, 1, m.id, '王**',
    CASE WHEN m.n % 10 < 6 THEN 5 WHEN m.n % 10 < 8 THEN 4 ELSE 1 + m.n % 3 END, t.words,
    CASE WHEN m.n % 12 = 0 THEN jsonb_build_array(jsonb_build_object('media_id', m.id::text)) ELSE '[]' END,
    CASE WHEN m.n % 15 = 0 THEN t.words END, CASE WHEN m.n % 15 = 0 THEN m.at END, d.detail,
    hashtextextended(t.words, 0), review_rank(m.id, true, d.detail, 0, 0, 0, 0), m.at
FROM (
    SELECT n, (($7 + (n::bigint + $9) * 60000) << 22) | ($1::bigint << 14) | ($8::bigint << 6) AS id,
        to_timestamp(($7 + (n::bigint + $9) * 60000) / 1000.0 + 1704067200) AS at
    FROM generate_series(0, $6::int - 1) n WHERE n + $9 < $10::int) m
CROSS JOIN LATERAL (
    SELECT string_agg(($5::text[])[1 + (hashint8(m.id + k) & 2147483647) % cardinality($5::text[])], '' ORDER BY k)
        AS words
    FROM generate_series(1, 3 + m.n % 17) k) t
CROSS JOIN LATERAL (SELECT least(length(t.words), 200)::smallint AS detail) d
