-- Lines of orders as after-sale sees them: money and units left, terms of the category, whether it is still sold.
-- in:     $1 bigint[] order ids, $2 smallint[] lines (pairs)
-- out:    a row per line that exists
-- index:  primary keys of sale_order, sale_order_line, sku, product, aftersale_term, shop_return_address;
--         aftersale_case_of_order, sku_by_product
SELECT l.order_id, l.line, l.sku_id, l.product_id, l.warehouse_id, l.title, l.options, l.picture,
    l.quantity, l.price_minor, l.goods_minor - l.discount_minor AS goods_minor,
    l.amount_minor, l.platform_minor, l.creator_minor, l.refunded_minor, l.refunded_platform_minor,
    l.refunded_creator_minor, l.refunded_quantity, l.shipped_quantity, l.cancelled_quantity,
    o.shop_id, o.buyer_id, o.state, o.paid_at, o.closed_at,
    k.id IS NOT NULL AS is_sold, t.window_days, t.change_mind_days, t.price_days,
    a.receiver, a.phone, a.address,
    EXISTS (SELECT FROM aftersale_case c WHERE c.cell = l.cell AND c.order_id = l.order_id AND c.line = l.line
        AND c.kind = 'price' AND c.state = 'settled') AS had_price,
    EXISTS (SELECT FROM aftersale_case c JOIN aftersale_parcel p ON p.cell = c.cell AND p.case_id = c.id
        WHERE c.cell = l.cell AND c.order_id = l.order_id AND c.line = l.line AND p.direction = 'out'
        AND p.sku_id <> l.sku_id) AS is_swapped,
    EXISTS (SELECT FROM aftersale_case c WHERE c.cell = l.cell AND c.order_id = l.order_id AND c.line = l.line
        AND c.deadline IS NOT NULL) AS has_open,
    ARRAY(SELECT s.id FROM sku s WHERE s.cell = l.cell AND s.product_id = l.product_id AND s.id <> l.sku_id
        AND s.price_minor = k.price_minor AND s.on_sale ORDER BY s.position LIMIT 100) AS swaps,
    ARRAY(SELECT array_to_string(s.options, ' · ') FROM sku s WHERE s.cell = l.cell AND s.product_id = l.product_id
        AND s.id <> l.sku_id AND s.price_minor = k.price_minor AND s.on_sale ORDER BY s.position LIMIT 100)
        AS swap_names
FROM unnest($1::bigint[], $2::smallint[]) i(order_id, line)
JOIN sale_order o ON o.cell = cell_of(i.order_id) AND o.id = i.order_id
JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id AND l.line = i.line
LEFT JOIN sku k ON k.cell = l.cell AND k.id = l.sku_id AND k.on_sale
LEFT JOIN product p ON p.cell = l.cell AND p.id = l.product_id
LEFT JOIN aftersale_term t ON t.category_id = p.category_id
LEFT JOIN shop_return_address a ON a.cell = o.cell AND a.shop_id = o.shop_id
