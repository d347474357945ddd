-- What a quote needs of SKUs: goods, shop's terms, live offers with what is left of their quotas.
-- in:     $1 bigint[] sku ids, $2 int the market's fee in basis points, $3 and $4 timestamptz the earliest
--         and the latest instant asked for: an offer live at any time between is listed
-- out:    one row per SKU that exists; offers is a JSON list or NULL, its instants in microseconds since 1970
-- index:  primary keys of sku, product, shop, offer, offer_stock; offer_item_by_sku
SELECT k.id AS sku_id, k.product_id, k.shop_id, p.title, k.options, p.pictures -> 0 AS picture,
    k.price_minor, k.on_sale, NULL::bigint AS warehouse_id, 0::bigint AS on_hand, h.state AS shop_state,
    h.freight_minor, h.free_freight_from_minor, coalesce(h.fee_bp, $2) AS fee_bp, p.freight_template_id,
    k.weight_grams, k.volume_cm3, p.category_id, f.offers
FROM unnest($1::bigint[]) asked(id)
JOIN sku k ON k.cell = cell_of(asked.id) AND k.id = asked.id
JOIN product p ON p.cell = k.cell AND p.id = k.product_id
JOIN shop h ON h.cell = k.cell AND h.id = k.shop_id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', o.id, 'kind', o.kind, 'title', o.title, 'audience', o.audience,
        'exclusive', o.is_exclusive, 'price', i.price_minor, 'pieces', o.pieces, 'set_price', o.price_minor,
        'starts', (extract(epoch FROM i.starts_at) * 1000000)::bigint, 'ends', (extract(epoch FROM i.ends_at) * 1000000)::bigint,
        'left', s.quota - s.taken, 'limited', s.per_buyer IS NOT NULL)) AS offers
    FROM offer_item i
    JOIN offer o ON o.cell = i.cell AND o.id = i.offer_id
    LEFT JOIN offer_stock s ON s.cell = i.cell AND s.offer_id = i.offer_id AND s.sku_id = i.sku_id
    WHERE i.cell = k.cell AND i.sku_id = k.id AND i.ends_at > $3 AND i.starts_at <= $4
) f ON true
