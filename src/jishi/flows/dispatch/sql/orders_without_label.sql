-- Orders of a shop that wait to be shipped and have no label, by deadline.
-- in:     $1 smallint cell, $2 bigint shop, $3 int how many
-- out:    ids
-- index:  sale_order_shipping, waybill_live
SELECT o.id FROM sale_order o
WHERE o.cell = $1 AND o.shop_id = $2 AND o.state IN (20, 21) AND NOT EXISTS (
    SELECT FROM waybill w WHERE w.cell = o.cell AND w.order_id = o.id
        AND w.state IN ('asked', 'made', 'cancelling'))
ORDER BY o.ship_by, o.id LIMIT $3
