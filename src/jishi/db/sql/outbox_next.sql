-- The next events of one listener over all cells, oldest first within a cell; locks its cursors.
-- in:     $1 text listener, $2 int how many to pass at most, $3 text[] topics it hears,
--         $4 timestamptz (NULL: now): what happened later waits, and so does what stands behind it
-- out:    its events, and per cell the last event passed (is_last); payload only for its topics
-- locks:  outbox_cursor of the listener that no other process is moving (SKIP LOCKED)
-- index:  outbox primary key (cell, xid, position)
WITH cursor AS MATERIALIZED (
    SELECT c.cell, c.xid, c.position FROM outbox_cursor c
    WHERE c.listener = $1 AND EXISTS (  -- a lock is a write: only where there is something to read
        SELECT FROM outbox o WHERE o.cell = c.cell AND (o.xid, o.position) > (c.xid, c.position))
    ORDER BY c.cell FOR NO KEY UPDATE OF c SKIP LOCKED
), passed AS MATERIALIZED (
    SELECT o.cell, o.xid, o.position, o.topic,
        row_number() OVER (PARTITION BY o.cell ORDER BY o.xid DESC, o.position DESC) = 1 AS is_last
    FROM (
        SELECT o.* FROM cursor c
        CROSS JOIN LATERAL (
            SELECT o.cell, o.xid, o.position, o.topic,
                bool_and($4::timestamptz IS NULL OR o.occurred_at <= $4)
                    OVER (ORDER BY o.xid, o.position) AS is_ripe
            FROM outbox o
            WHERE o.cell = c.cell AND (o.xid, o.position) > (c.xid, c.position)
                AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY o.xid, o.position LIMIT $2
        ) o
        WHERE o.is_ripe
        LIMIT $2
    ) o
)
SELECT p.cell, p.xid::text AS xid, p.position, p.topic, p.is_last,  (SELECT count(*) FROM passed) AS passed, o.subject_id, o.payload, o.occurred_at
FROM passed p
LEFT JOIN outbox o ON p.topic = ANY ($3) AND o.cell = p.cell AND o.xid = p.xid
    AND o.position = p.position
WHERE p.is_last OR p.topic = ANY ($3)
ORDER BY p.cell, p.xid, p.position
