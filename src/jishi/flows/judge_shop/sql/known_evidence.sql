-- Which pieces of evidence are of the shop: its orders, products and papers.
-- in:     $1 bigint shop, $2 text[] kinds, $3 bigint[] ids in step
-- out:    position (1-based) of each that is
-- index:  primary keys of sale_order, product, paper
SELECT e.at::int AS at
FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY e (kind, id, at)
WHERE CASE e.kind
    WHEN 'order' THEN EXISTS (SELECT FROM sale_order o
        WHERE o.cell = cell_of($1) AND o.id = e.id AND o.shop_id = $1)
    WHEN 'product' THEN EXISTS (SELECT FROM product p
        WHERE p.cell = cell_of($1) AND p.id = e.id AND p.shop_id = $1)
    WHEN 'paper' THEN EXISTS (SELECT FROM paper a
        WHERE a.cell = cell_of($1) AND a.id = e.id AND a.shop_id = $1)
    ELSE true END
ORDER BY e.at
