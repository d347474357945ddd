-- A shop as its visitors see it, with how many goods it lists, counted to 1,001.
-- in:    $1 bigint shop
-- index: shop primary key, product_by_shop
SELECT h.id, h.name, h.name_en, h.about, h.logo, h.state, h.holiday_note, h.freight_minor,
    h.free_freight_from_minor, h.ship_within_hours, h.opened_at,
    (SELECT count(*) FROM (SELECT FROM product p WHERE p.cell = h.cell AND p.shop_id = h.id
        AND p.state = 'listed' LIMIT 1001) counted) AS listed
FROM shop h WHERE h.cell = cell_of($1) AND h.id = $1 AND h.state NOT IN ('closed', 'preparing')
