-- Count what offers and coupons did: orders paid, or taken back when all their money went back.
-- in:     $1 bigint[] orders, $2 int[] +1 or -1 each
-- out:    nothing
-- writes: offer_count
-- locks:  offer_count by primary key
-- index:  primary keys of sale_order and sale_order_offer
INSERT INTO offer_count AS n (cell, offer_id, orders, discount_minor, gmv_minor)
SELECT cell_of(t.offer_id), t.offer_id, sum(t.sign), sum(t.sign * t.amount), sum(t.sign * t.gmv) FROM (
    SELECT f.offer_id, e.ord, e.sign, sum(f.amount_minor) AS amount, min(o.amount_minor) AS gmv
    FROM unnest($1::bigint[], $2::int[]) e(ord, sign)
    JOIN sale_order o ON o.cell = cell_of(e.ord) AND o.id = e.ord
    JOIN sale_order_offer f ON f.cell = o.cell AND f.order_id = o.id AND f.offer_id <> 0
    GROUP BY f.offer_id, e.ord, e.sign
) t
GROUP BY t.offer_id ORDER BY 1, 2
ON CONFLICT (cell, offer_id) DO UPDATE SET orders = n.orders + excluded.orders,
    discount_minor = n.discount_minor + excluded.discount_minor, gmv_minor = n.gmv_minor + excluded.gmv_minor
