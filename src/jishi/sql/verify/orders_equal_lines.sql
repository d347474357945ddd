-- Orders whose lines do not add up to them, by payer and by what was refunded.
-- out:    order and the sums
SELECT o.id AS order_id, o.amount_minor, sum(l.amount_minor) AS lines_minor, o.refunded_minor,
    sum(l.refunded_minor) AS lines_refunded_minor
FROM sale_order o LEFT JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id
GROUP BY o.cell, o.id
HAVING o.amount_minor IS DISTINCT FROM sum(l.amount_minor)
    OR o.goods_minor IS DISTINCT FROM sum(l.goods_minor)
    OR o.discount_minor IS DISTINCT FROM sum(l.discount_minor)
    OR o.freight_minor IS DISTINCT FROM sum(l.freight_minor)
    OR o.platform_minor IS DISTINCT FROM sum(l.platform_minor)
    OR o.creator_minor IS DISTINCT FROM sum(l.creator_minor)
    OR o.refunded_minor IS DISTINCT FROM sum(l.refunded_minor)
    OR o.refunded_platform_minor IS DISTINCT FROM sum(l.refunded_platform_minor)
    OR o.refunded_creator_minor IS DISTINCT FROM sum(l.refunded_creator_minor)
    OR (o.state IN (30, 100) AND sum(l.quantity) <> sum(l.shipped_quantity + l.cancelled_quantity))
