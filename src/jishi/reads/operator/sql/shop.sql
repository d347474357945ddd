-- One shop with its people and what stands open in it, counted to a thousand.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz now
-- out:    one row; staff as JSON
-- index:  primary keys, sale_order_by_shop, sale_order_shipping, product_by_shop
SELECT h.*, a.name AS owner_name,
    (SELECT jsonb_agg(jsonb_build_object('account_id', s.account_id::text, 'role', s.role,
        'name', p.name) ORDER BY s.added_at)
     FROM shop_staff s LEFT JOIN account p ON p.cell = cell_of(s.account_id) AND p.id = s.account_id
     WHERE s.cell = h.cell AND s.shop_id = h.id) AS staff,
    (SELECT count(*) FROM (SELECT FROM sale_order WHERE cell = h.cell AND shop_id = h.id
        AND state IN (20, 21) LIMIT 1000) few) AS to_ship,
    (SELECT count(*) FROM (SELECT FROM sale_order WHERE cell = h.cell AND shop_id = h.id
        AND state IN (20, 21) AND ship_by <= $3 LIMIT 1000) few) AS late,
    (SELECT count(*) FROM (SELECT FROM product WHERE cell = h.cell AND shop_id = h.id
        AND state = 'listed' LIMIT 1000) few) AS listed
FROM shop h LEFT JOIN account a ON a.cell = cell_of(h.owner_id) AND a.id = h.owner_id
WHERE h.cell = $1 AND h.id = $2
