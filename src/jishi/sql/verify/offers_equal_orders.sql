-- What timed offers have sold must be what orders that were not cancelled drew on them, per buyer too.
-- out:    offer, SKU, what is written and what orders say
WITH drawn AS (
    SELECT l.cell, l.offer_id, l.sku_id, o.buyer_id, sum(l.offer_quantity) AS quantity
    FROM sale_order_line l JOIN sale_order o ON o.cell = l.cell AND o.id = l.order_id
    WHERE l.offer_id IS NOT NULL AND o.state <> 250
    GROUP BY 1, 2, 3, 4
)
SELECT s.offer_id, s.sku_id, NULL AS buyer_id, s.taken, coalesce(d.quantity, 0) AS drawn
FROM offer_stock s
LEFT JOIN (SELECT cell, offer_id, sku_id, sum(quantity) AS quantity FROM drawn GROUP BY 1, 2, 3) d
    USING (cell, offer_id, sku_id)
WHERE s.taken <> coalesce(d.quantity, 0)
UNION ALL
SELECT t.offer_id, t.sku_id, t.buyer_id, t.quantity, coalesce(d.quantity, 0)
FROM offer_taken t LEFT JOIN drawn d USING (cell, offer_id, sku_id, buyer_id)
WHERE t.quantity <> coalesce(d.quantity, 0)
