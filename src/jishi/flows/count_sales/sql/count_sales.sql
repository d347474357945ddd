-- Add pieces of orders to what their products have sold.
-- in:     $1 bigint[] orders, $2 int[] +1 sold or −1 refunded (same order)
-- writes: product
-- locks:  product by (cell, id)
-- index:  primary keys
WITH change AS MATERIALIZED (
    SELECT l.cell, l.product_id, sum(l.quantity * e.sign) AS pieces
    FROM unnest($1::bigint[], $2::int[]) e(order_id, sign)
    JOIN sale_order_line l ON l.cell = cell_of(e.order_id) AND l.order_id = e.order_id
    GROUP BY 1, 2
), held AS MATERIALIZED (
    SELECT p.cell, p.id, c.pieces FROM change c
    JOIN product p ON p.cell = c.cell AND p.id = c.product_id
    ORDER BY p.cell, p.id FOR NO KEY UPDATE OF p
)
UPDATE product p SET sold_count = greatest(0, p.sold_count + h.pieces)
FROM held h WHERE p.cell = h.cell AND p.id = h.id
