-- Products in lists whose lowest price an offer for everyone makes now.
-- in:     p_products bigint[], p_now timestamptz
-- out:    one row per product whose cheapest SKU costs less than its list price: that price, that list price
-- index:  offer_item_by_product, sku_by_product, offer_item_by_sku, primary keys of offer and offer_stock
-- rule:   pricing.unit_prices, of one piece for a visitor
CREATE OR REPLACE FUNCTION cards_now(p_products bigint[], p_now timestamptz)
RETURNS TABLE (product_id bigint, price_minor bigint, list_minor bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT w.id AS product_id, cheapest.price_minor, cheapest.list_minor
FROM (
    SELECT DISTINCT a.id FROM unnest(p_products) a(id)
    JOIN offer_item i ON i.cell = cell_of(a.id) AND i.product_id = a.id AND i.ends_at > p_now AND i.starts_at <= p_now
        AND i.price_minor IS NOT NULL
) w
CROSS JOIN LATERAL (
    SELECT least(k.price_minor, f.price_minor) AS price_minor, k.price_minor AS list_minor
    FROM sku k
    CROSS JOIN LATERAL (
        SELECT min(i.price_minor) AS price_minor
        FROM offer_item i
        JOIN offer o ON o.cell = i.cell AND o.id = i.offer_id AND o.audience = 'everyone'
        LEFT JOIN offer_stock s ON s.cell = i.cell AND s.offer_id = i.offer_id AND s.sku_id = i.sku_id
        WHERE i.cell = k.cell AND i.sku_id = k.id AND i.ends_at > p_now AND i.starts_at <= p_now
            AND (s.quota IS NULL OR s.taken < s.quota)
    ) f
    WHERE k.cell = cell_of(w.id) AND k.product_id = w.id AND k.on_sale AND NOT k.retired
    ORDER BY 1, 2 LIMIT 1
) cheapest
WHERE cheapest.price_minor < cheapest.list_minor
$$;
