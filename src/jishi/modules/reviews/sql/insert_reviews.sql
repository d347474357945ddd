-- Write reviews that are not there yet: one per order line, one per imported id of a shop.
-- in:  $1 smallint cell, per review $2 id, $3 shop, $4 product, $5 sku, $6 order, $7 line, $8 writer,
--      $9 writer's name as shown, $10 anonymous, $11 external id, $12 options as JSON, $13 stars,
--      $14 stars for dispatch, $15 for service, $16 text, $17 pictures as JSON, $18 points, $19 digest of
--      the text; $20 timestamptz now
-- out: ids of those that were written
INSERT INTO review (cell, id, shop_id, product_id, sku_id, order_id, line, writer_id, writer_name,
    is_anonymous, external_id, options, stars, dispatch_stars, service_stars, text, pictures, detail,
    text_digest, created_at)
SELECT $1, r.id, r.shop, r.product, r.sku, r.of_order, r.line, r.writer, r.name, r.anonymous, r.external,
    ARRAY (SELECT jsonb_array_elements_text(r.options::jsonb)), r.stars, r.dispatch, r.service, r.text,
    r.pictures::jsonb,
    r.detail, r.digest, $20
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::smallint[],
    $8::bigint[], $9::text[], $10::boolean[], $11::text[], $12::text[], $13::smallint[], $14::smallint[],
    $15::smallint[], $16::text[], $17::text[], $18::smallint[], $19::bigint[])
    AS r (id, shop, product, sku, of_order, line, writer, name, anonymous, external, options, stars, dispatch,
        service, text, pictures, detail, digest)
ORDER BY r.id
ON CONFLICT DO NOTHING
RETURNING id
