-- Write down what was promised; an order has one promise.
-- in:     $1 bigint[] orders, $2 bigint[] shops, $3 smallint[] from, $4 smallint[] to, $5 timestamptz[] ship
--         by, $6 integer[] days to arrival
-- writes: order_promise
INSERT INTO order_promise (cell, order_id, shop_id, lane_from, lane_to, ship_by, arrive_by)
SELECT cell_of(p.id), p.id, p.shop, p.lane_from, p.lane_to, p.ship_by, p.ship_by + make_interval(days => p.days)
FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::smallint[], $5::timestamptz[], $6::integer[])
    p(id, shop, lane_from, lane_to, ship_by, days)
ORDER BY 1, 2
ON CONFLICT (cell, order_id) DO NOTHING
