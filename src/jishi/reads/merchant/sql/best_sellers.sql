-- What sold best today, by money.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint no older order id, $4 timestamptz today's start,
--         $5 now, $6 int how many
-- out:    products with minor units, freight left out
-- index:  sale_order_by_shop, sale_order_line primary key
SELECT l.product_id, min(l.title) AS title, sum(l.goods_minor)::bigint AS goods_minor
FROM sale_order o JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id
WHERE o.cell = $1 AND o.shop_id = $2 AND o.id >= $3 AND o.paid_at >= $4 AND o.paid_at <= $5
GROUP BY l.product_id ORDER BY goods_minor DESC, l.product_id LIMIT $6
