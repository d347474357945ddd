-- Events before a listener's cursor that it neither passed in order nor parked cannot be seen from
-- outside; what can: cursors beyond the newest event, and parked events that nobody retries.
-- out:    listener, cell, what is wrong
SELECT c.listener, c.cell, 'cursor beyond the newest event' AS what
FROM outbox_cursor c
LEFT JOIN LATERAL (SELECT o.xid, o.position FROM outbox o WHERE o.cell = c.cell
    ORDER BY o.xid DESC, o.position DESC LIMIT 1) n ON true
WHERE n.xid IS NOT NULL AND (c.xid, c.position) > (n.xid, n.position)
UNION ALL
SELECT listener, cell, 'parked event ' || position || ' is not tried any more: ' || last_error
FROM outbox_parked WHERE done_at IS NULL AND retry_at IS NULL
