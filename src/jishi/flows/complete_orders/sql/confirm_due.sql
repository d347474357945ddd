-- Shipped orders the clock confirms now, in id order so that batches lock alike; an order with an open
-- after-sale case waits for its end.
-- in:     $1 timestamptz now, $2 int how many at most
-- out:    ids, locked
-- locks:  sale_order by (confirm_by, id), skipping rows someone is changing
-- index:  sale_order_confirming, aftersale_case_open
SELECT id FROM sale_order o WHERE state = 30 AND confirm_by <= $1
    AND (  -- not EXISTS: a join could read every open case of the market
        SELECT true FROM aftersale_case c
        WHERE c.cell = o.cell AND c.order_id = o.id AND c.deadline IS NOT NULL LIMIT 1) IS NULL
ORDER BY confirm_by, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
