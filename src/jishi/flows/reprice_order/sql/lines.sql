-- What the buyer of an order is to pay for each line: goods, and freight less what a coupon pays of it.
-- in:     $1 bigint order
-- out:    lines in order
-- index:  primary keys of sale_order_line and sale_order_offer
SELECT l.line, l.freight_minor - f.paid AS freight_minor,
    l.amount_minor - l.platform_minor - l.creator_minor - (l.freight_minor - f.paid) AS goods_minor
FROM sale_order_line l CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_minor), 0)::bigint AS paid FROM sale_order_offer f
    WHERE f.cell = l.cell AND f.order_id = l.order_id AND f.line = l.line AND f.kind = 'free_freight'
        AND f.payer <> 'shop') f
WHERE l.cell = cell_of($1) AND l.order_id = $1 ORDER BY l.line
