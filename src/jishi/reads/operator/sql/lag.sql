-- How far each listener has read: the oldest event it has not taken yet.
-- in:     nothing
-- out:    listeners with cells they are behind in, the oldest unread instant, parked events
-- index:  outbox primary key, once per cell and listener; outbox_parked_open
SELECT c.listener, count(n.occurred_at) AS cells_behind, min(n.occurred_at) AS oldest_at,
    max(c.moved_at) AS moved_at,
    (SELECT count(*) FROM outbox_parked p WHERE p.done_at IS NULL AND p.listener = c.listener) AS parked
FROM outbox_cursor c
LEFT JOIN LATERAL (
    SELECT o.occurred_at FROM outbox o
    WHERE o.cell = c.cell AND (o.xid, o.position) > (c.xid, c.position)
    ORDER BY o.xid, o.position LIMIT 1
) n ON true
GROUP BY c.listener ORDER BY c.listener
