-- Orders of a shop that wait to be shipped, for the sheet to fill in.
-- in:     $1 smallint cell, $2 bigint shop, $3 int how many
-- out:    rows by deadline
-- index:  sale_order_shipping, sale_order_line primary key
SELECT o.id, o.address, (
    SELECT string_agg(concat_ws(' ', l.title, nullif(array_to_string(l.options, ' '), ''),
        '×' || (l.quantity - l.shipped_quantity - l.cancelled_quantity)), '; ' ORDER BY l.line)
    FROM sale_order_line l WHERE l.cell = o.cell AND l.order_id = o.id
        AND l.quantity > l.shipped_quantity + l.cancelled_quantity) AS goods
FROM sale_order o
WHERE o.cell = $1 AND o.shop_id = $2 AND o.state IN (20, 21)
ORDER BY o.ship_by, o.id LIMIT $3
