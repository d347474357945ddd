-- Shops, newest first, each with what it was paid lately, counted over its newest 5,000 orders.
-- in:     $1 text state or NULL, $2 text part of a name in lower case or NULL, $3 bigint shop or NULL,
--         $4 bigint below this id, $5 int limit, $6 bigint no older order id
-- out:    shops with orders, minor units, whether there were more than counted
-- index:  shop_newest, sale_order_by_shop, account primary key
SELECT h.id, h.name, h.name_en, h.state, h.opened_at, a.name AS owner_name,
    coalesce(f.orders, 0) AS orders, coalesce(f.sales_minor, 0)::bigint AS sales_minor,
    f.scanned >= 5000 AS is_more
FROM (
    SELECT * FROM shop
    WHERE ($1::text IS NULL OR state = $1) AND ($3::bigint IS NULL OR id = $3)
        AND ($2::text IS NULL OR strpos(lower(name), $2) > 0 OR strpos(lower(name_en), $2) > 0)
        AND id < $4
    ORDER BY id DESC LIMIT $5
) h
LEFT JOIN account a ON a.cell = cell_of(h.owner_id) AND a.id = h.owner_id
CROSS JOIN LATERAL (
    SELECT count(*) AS scanned, count(*) FILTER (WHERE paid_at IS NOT NULL) AS orders,
        sum(amount_minor) FILTER (WHERE paid_at IS NOT NULL) AS sales_minor
    FROM (SELECT paid_at, amount_minor FROM sale_order o
          WHERE o.cell = h.cell AND o.shop_id = h.id AND o.id >= $6
          ORDER BY o.id DESC LIMIT 5000) few
) f
ORDER BY h.id DESC
