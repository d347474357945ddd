-- What the score of each shop rests on, over the orders placed in thirty days, the reviews written and the
-- questions answered in them; a question still unanswered after the time counts as not answered.
-- in:     $1 bigint[] shops, $2 bigint lowest and $3 bigint highest order id, $4 timestamptz when the days end
-- out:    shop, figure, good, total; figures that count nothing may lack
-- index:  sale_order_by_shop, review_by_shop, aftersale_case_of_order, message_answer_by_time,
--         conversation_waiting
-- rule:   jishi.modules.scores.rules.scored
SELECT a.id AS shop_id, f.figure, f.good, f.total
FROM unnest($1::bigint[]) a (id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.shipped_at <= o.paid_at + interval '24 hours') AS dispatch_good,
        count(*) FILTER (WHERE o.shipped_at IS NOT NULL
            OR (o.state IN (20, 21) AND o.paid_at + interval '24 hours' < $4)) AS dispatch_total,
        count(*) FILTER (WHERE o.shipped_at <= o.ship_by) AS on_time_good,
        count(*) FILTER (WHERE o.ship_by IS NOT NULL AND (o.shipped_at IS NOT NULL
            OR (o.state IN (20, 21) AND o.ship_by < $4))) AS on_time_total,
        count(*) FILTER (WHERE o.state = 100 AND o.refunded_minor = 0) AS returns_good,
        count(*) FILTER (WHERE o.state IN (100, 200)) AS returns_total,
        count(*) FILTER (WHERE o.state IN (100, 200) AND NOT EXISTS (
            SELECT FROM aftersale_case a JOIN aftersale_step t ON t.cell = a.cell AND t.case_id = a.id
            WHERE a.cell = o.cell AND a.order_id = o.id AND t.state = 'disputed')) AS disputes_good
    FROM sale_order o
    WHERE o.cell = cell_of(a.id) AND o.shop_id = a.id AND o.id BETWEEN $2 AND $3
        AND o.paid_at IS NOT NULL AND o.state <> 250
) c
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.stars - 1), 0) AS good, 4 * count(*) AS total
    FROM review r
    WHERE r.cell = cell_of(a.id) AND r.shop_id = a.id AND r.order_id IS NOT NULL AND r.hidden_at IS NULL
        AND r.id BETWEEN $2 AND $3
) v
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM message_answer m WHERE m.cell = cell_of(a.id) AND m.shop_id = a.id
            AND m.answered_at > $4 - interval '30 days' AND m.answered_at <= $4
            AND m.answered_at <= m.asked_at + interval '15 minutes') AS good,
        (SELECT count(*) FROM message_answer m WHERE m.cell = cell_of(a.id) AND m.shop_id = a.id
            AND m.answered_at > $4 - interval '30 days' AND m.answered_at <= $4)
        + (SELECT count(*) FROM conversation w WHERE w.cell = cell_of(a.id) AND w.shop_id = a.id
            AND w.waiting_since <= $4 - interval '15 minutes') AS total
) q
CROSS JOIN LATERAL (VALUES
    ('dispatch', c.dispatch_good, c.dispatch_total),
    ('on_time', c.on_time_good, c.on_time_total),
    ('returns', c.returns_good, c.returns_total),
    ('disputes', c.disputes_good, c.returns_total),
    ('answers', q.good, q.total),
    ('reviews', v.good, v.total)
) f (figure, good, total)
