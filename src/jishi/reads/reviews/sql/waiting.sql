-- What a buyer may review: lines of the newest orders that were shipped, not refunded and not yet reviewed.
-- in:    $1 bigint buyer, $2 bigint id of the last order seen, $3 int how many orders are looked at,
--        $4 timestamptz the time for writing began after
-- out:   a row per line; a row without a line where an order has none, so that paging goes on
-- index: sale_order_by_buyer, primary key of sale_order_line, review_of_line
SELECT o.id AS order_id, o.shop_id, l.line, l.product_id, l.title, l.options, l.picture, o.placed_at,
    h.name AS shop_name, h.name_en AS shop_name_en
FROM (
    SELECT * FROM sale_order WHERE buyer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3) o
LEFT JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id AND o.state IN (21, 30, 100)
    AND l.shipped_quantity > 0 AND l.refunded_quantity < l.quantity
    AND coalesce(o.closed_at, o.shipped_at, $4::timestamptz + interval '1 day') > $4
    AND NOT EXISTS (SELECT FROM review r WHERE r.cell = l.cell AND r.order_id = l.order_id AND r.line = l.line)
LEFT JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
ORDER BY o.id DESC, l.line
