-- Prices of SKUs that have been announced and have not begun, the next first.
-- in:     $1 bigint[] SKUs, $2 timestamptz now
-- out:    one row per offer with its lowest price
-- index:  offer_item_by_sku, primary key of offer
SELECT o.kind, o.title, min(i.price_minor) AS price_minor, i.starts_at
FROM unnest($1::bigint[]) w(id)
JOIN offer_item i ON i.cell = cell_of(w.id) AND i.sku_id = w.id AND i.announced_at <= $2 AND i.starts_at > $2
    AND i.ends_at > i.starts_at AND i.price_minor IS NOT NULL
JOIN offer o ON o.cell = i.cell AND o.id = i.offer_id
GROUP BY o.id, o.kind, o.title, i.starts_at ORDER BY i.starts_at LIMIT 5
