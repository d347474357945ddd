-- What waits for a shop: to ship with its deadlines, after-sale cases at its turn, unanswered chats, invoices
-- asked for, cases to answer, unpaid, refunds under way. Counts to 1,000 at most.
-- in:     $1 smallint cell, $2 bigint shop, $3 timestamptz now, $4 timestamptz soon
-- out:    one row
-- index:  sale_order_shipping, sale_order_by_state, refund_open, refund_failed, parcel_late, aftersale_case_queue,
--         conversation_waiting, invoice_waiting, violation_by_shop
SELECT
    (SELECT count(*) FROM (SELECT FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state = 20 LIMIT 1000) few) AS to_ship,
    (SELECT min(ship_by) FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state IN (20, 21) AND state = 20) AS first_ship_by,
    (SELECT count(*) FROM (SELECT FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state = 21 LIMIT 1000) few) AS part,
    (SELECT min(ship_by) FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state IN (20, 21) AND state = 21) AS part_ship_by,
    (SELECT count(*) FROM (SELECT FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state IN (20, 21) AND ship_by <= $3 LIMIT 1000) few) AS late,
    (SELECT count(*) FROM (SELECT FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state IN (20, 21) AND ship_by > $3 AND ship_by <= $4 LIMIT 1000) few) AS soon,
    (SELECT count(*) FROM (SELECT FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state = 10 LIMIT 1000) few) AS unpaid,
    (SELECT min(expires_at) FROM (SELECT expires_at FROM sale_order WHERE cell = $1 AND shop_id = $2
        AND state = 10 ORDER BY id LIMIT 1) first) AS first_expires_at,
    (SELECT count(*) FROM (SELECT FROM aftersale_case WHERE cell = $1 AND shop_id = $2
        AND deadline IS NOT NULL AND state IN ('asked', 'returned', 'to_send') LIMIT 1000) few) AS cases,
    (SELECT min(deadline) FROM aftersale_case WHERE cell = $1 AND shop_id = $2
        AND deadline IS NOT NULL AND state IN ('asked', 'returned', 'to_send')) AS case_by,
    (SELECT count(*) FROM (SELECT FROM conversation WHERE cell = $1 AND shop_id = $2
        AND waiting_since IS NOT NULL LIMIT 1000) few) AS chats,
    (SELECT count(*) FROM (SELECT FROM invoice WHERE cell = $1 AND shop_id = $2
        AND state = 'asked' LIMIT 1000) few) AS invoices,
    (SELECT min(due_at) FROM invoice WHERE cell = $1 AND shop_id = $2 AND state = 'asked') AS invoice_by,
    (SELECT count(*) FROM (SELECT FROM violation WHERE cell = $1 AND shop_id = $2
        AND state = 'announced' LIMIT 1000) few) AS violations,
    (SELECT min(takes_effect_at) FROM violation WHERE cell = $1 AND shop_id = $2
        AND state = 'announced') AS answer_by,
    (SELECT count(*) FROM (
        SELECT cell, order_id FROM refund WHERE state IN ('asked', 'sent') AND cell = $1
        UNION ALL SELECT cell, order_id FROM refund WHERE state = 'failed' AND cell = $1 LIMIT 1000) r
     JOIN sale_order o ON o.cell = r.cell AND o.id = r.order_id WHERE o.shop_id = $2) AS refunds,
    (SELECT count(*) FROM (SELECT FROM parcel p
        JOIN sale_order o ON o.cell = p.cell AND o.id = p.order_id AND o.state + 0 IN (21, 30)
        WHERE p.cell = $1 AND p.shop_id = $2 AND p.arrived_at IS NULL AND p.promised_arrival_at IS NOT NULL
        AND p.progress NOT IN ('returned', 'lost') AND p.promised_arrival_at < $3
        AND p.promised_arrival_at >= $3 - interval '30 days' LIMIT 1000) few) AS parcels_late
