-- A buyer's orders, newest first, each with its first two lines.
-- in:    $1 bigint buyer, $2 smallint[] states (NULL: all), $3 bigint below this id, $4 int how many
-- index: sale_order_by_buyer; primary keys of shop and sale_order_line
SELECT o.id, o.state, o.shop_id, h.name AS shop_name, h.name_en AS shop_name_en, o.payment_id,
    o.amount_minor - o.platform_minor - o.creator_minor AS amount_minor, o.refunded_minor, o.placed_at,
    o.expires_at, o.ship_by, o.confirm_by, l.pieces, l.lines
FROM (
    SELECT * FROM sale_order
    WHERE buyer_id = $1 AND ($2::smallint[] IS NULL OR state = ANY ($2)) AND id < $3
    ORDER BY id DESC LIMIT $4
) o
JOIN shop h ON h.cell = o.cell AND h.id = o.shop_id
CROSS JOIN LATERAL (
    SELECT sum(quantity)::bigint AS pieces, jsonb_agg(jsonb_build_object('title', title, 'options', options,
        'picture', picture, 'price_minor', price_minor, 'quantity', quantity,
        'buyer_minor', amount_minor - platform_minor - creator_minor, 'refunded_minor', refunded_minor, 'shipped_quantity', shipped_quantity,
        'product_id', product_id, 'sku_id', sku_id) ORDER BY line) FILTER (WHERE line <= 2) AS lines
    FROM sale_order_line WHERE cell = o.cell AND order_id = o.id
) l
ORDER BY o.id DESC
