-- Promises to ship that the rule has to judge, held and closed: nobody judges them twice.
-- in:     $1 timestamptz deadlines up to this instant, $2 int how many
-- out:    order, deadline
-- writes: order_promise
-- locks:  order_promise by (ship_by, order_id), skipping rows someone holds
-- index:  order_promise_due
WITH due AS MATERIALIZED (
    SELECT cell, order_id FROM order_promise WHERE is_open AND ship_by <= $1
    ORDER BY ship_by, order_id LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE order_promise p SET is_open = false FROM due
WHERE p.cell = due.cell AND p.order_id = due.order_id
RETURNING p.order_id, p.ship_by
