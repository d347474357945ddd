-- Which of some orders hold what was searched for: digits at the end of order number or phone; or words
-- in the receiver's name, a title, a SKU code.
-- in:     $1 smallint cell, $2 bigint[] ids, $3 text digits or NULL, $4 text words in lower case or NULL,
--         $5 bigint[] SKUs with that code
-- out:    ids in the order given
-- index:  primary keys of sale_order and sale_order_line
SELECT o.id FROM unnest($2::bigint[]) WITH ORDINALITY a(id, at)
JOIN sale_order o ON o.cell = $1 AND o.id = a.id
WHERE ($3::text IS NOT NULL AND (o.id::text LIKE '%' || $3
        OR translate(o.address ->> 'phone', ' -', '') LIKE '%' || $3))
    OR ($4::text IS NOT NULL AND (strpos(lower(o.address ->> 'receiver'), $4) > 0
        OR EXISTS (SELECT FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id
            AND (strpos(lower(l.title), $4) > 0 OR l.sku_id = ANY ($5::bigint[])))))
ORDER BY a.at
