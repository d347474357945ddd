-- Keep versions of products; each takes the next number of its product.
-- in:     arrays, one element per version: $1 bigint products, $2 int product versions, $3 text states,
--         $4 snapshots and $5 changes as JSON text; $6 text cause, $7 bigint who (NULL: nobody by hand),
--         $8 bigint upload (NULL: none), $9 timestamptz now. The caller holds the products (lock_products).
-- writes: product_version
-- index:  product_version primary key
INSERT INTO product_version (cell, product_id, number, shop_id, version, state, snapshot, changes, cause, actor_id,
    sheet_id, occurred_at)
SELECT p.cell, p.id, coalesce(l.number, 0) + 1, p.shop_id, a.version, a.state, a.snapshot::jsonb, a.changes::jsonb,
    $6, $7, $8, $9
FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[]) a (id, version, state, snapshot, changes)
JOIN product p ON p.cell = cell_of(a.id) AND p.id = a.id
LEFT JOIN LATERAL (
    SELECT v.number FROM product_version v WHERE v.cell = p.cell AND v.product_id = p.id
    ORDER BY v.number DESC LIMIT 1
) l ON true;
