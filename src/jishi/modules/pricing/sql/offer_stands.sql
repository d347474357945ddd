-- One offer of a shop as it can be changed: its SKUs with their prices, quotas, and what they have sold.
-- in:     $1 smallint cell, $2 bigint offer, $3 bigint shop
-- out:    one row; items is a JSON list
-- index:  primary keys of offer, offer_item, offer_stock
SELECT o.id, o.kind, o.title, o.audience, o.is_exclusive, o.announced_at, o.starts_at, o.ends_at, o.ended_at,
    o.pieces, o.price_minor, o.version,
    (SELECT jsonb_agg(jsonb_build_object('sku_id', i.sku_id, 'product_id', i.product_id, 'price_minor', i.price_minor,
            'quota', s.quota, 'per_buyer', s.per_buyer, 'taken', coalesce(s.taken, 0)) ORDER BY i.sku_id)
        FROM offer_item i
        LEFT JOIN offer_stock s ON s.cell = i.cell AND s.offer_id = i.offer_id AND s.sku_id = i.sku_id
        WHERE i.cell = o.cell AND i.offer_id = o.id) AS items
FROM offer o WHERE o.cell = $1 AND o.id = $2 AND o.shop_id = $3
