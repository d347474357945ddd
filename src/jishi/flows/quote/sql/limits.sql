-- How many units at an offer's price each buyer may still have.
-- in:     $1 bigint[] buyers, $2 bigint[] offers, $3 bigint[] SKUs, one by one
-- out:    one row per buyer, offer and SKU with a limit
-- index:  primary keys of offer_stock and offer_taken
SELECT w.buyer, w.offer, w.sku, greatest(s.per_buyer - coalesce(t.quantity, 0), 0) AS units
FROM (SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) w(buyer, offer, sku)) w
JOIN offer_stock s ON s.cell = cell_of(w.offer) AND s.offer_id = w.offer AND s.sku_id = w.sku
    AND s.per_buyer IS NOT NULL
LEFT JOIN offer_taken t ON t.cell = s.cell AND t.offer_id = w.offer AND t.sku_id = w.sku AND t.buyer_id = w.buyer
