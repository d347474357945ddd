-- The orders a figure of the score counts, the newest first, each good or not.
-- in:     $1 bigint shop, $2 text figure, $3 bigint lowest id, $4 bigint below this id, $5 timestamptz when the
--         days end, $6 boolean only those that are not good, $7 int limit
-- out:    orders with what is judged
-- index:  sale_order_by_shop, aftersale_case_of_order, review_of_line
-- rule:   jishi.modules.scores.rules.scored
SELECT o.id, o.state, o.paid_at, o.ship_by, o.shipped_at, o.refunded_minor, o.amount_minor, f.good, f.stars
FROM sale_order o
CROSS JOIN LATERAL (
    SELECT CASE $2
            WHEN 'dispatch' THEN o.shipped_at IS NOT NULL
                OR (o.state IN (20, 21) AND o.paid_at + interval '24 hours' < $5)
            WHEN 'on_time' THEN o.ship_by IS NOT NULL AND (o.shipped_at IS NOT NULL
                OR (o.state IN (20, 21) AND o.ship_by < $5))
            WHEN 'reviews' THEN r.least IS NOT NULL
            ELSE o.state IN (100, 200) END AS counts,
        coalesce(CASE $2
            WHEN 'dispatch' THEN o.shipped_at <= o.paid_at + interval '24 hours'
            WHEN 'on_time' THEN o.shipped_at <= o.ship_by
            WHEN 'returns' THEN o.state = 100 AND o.refunded_minor = 0
            WHEN 'disputes' THEN NOT EXISTS (
                SELECT FROM aftersale_case a JOIN aftersale_step t ON t.cell = a.cell AND t.case_id = a.id
                WHERE a.cell = o.cell AND a.order_id = o.id AND t.state = 'disputed')
            WHEN 'reviews' THEN r.least = 5 END, false) AS good,
        r.least AS stars
    FROM (SELECT min(v.stars) AS least FROM review v
          WHERE $2 = 'reviews' AND v.cell = o.cell AND v.order_id = o.id AND v.hidden_at IS NULL) r
) f
WHERE o.cell = cell_of($1) AND o.shop_id = $1 AND o.id >= $3 AND o.id < $4
    AND o.paid_at IS NOT NULL AND o.state <> 250 AND f.counts AND NOT ($6 AND f.good)
ORDER BY o.id DESC LIMIT $7
