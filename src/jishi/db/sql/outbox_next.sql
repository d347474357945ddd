-- The next events of one listener over all cells, oldest first within a cell; locks its cursors.
-- in:     $1 text listener, $2 int how many at most
-- out:    events with cell, xid (text), position; those below the horizon of running transactions
-- locks:  outbox_cursor of the listener that no other process is moving (SKIP LOCKED)
-- index:  outbox primary key (cell, xid, position)
WITH cursor AS MATERIALIZED (
    SELECT cell, xid, position FROM outbox_cursor WHERE listener = $1
    ORDER BY cell FOR NO KEY UPDATE SKIP LOCKED
)
SELECT o.cell, o.xid::text AS xid, o.position, o.topic, o.subject_id, o.payload, o.occurred_at
FROM cursor c
CROSS JOIN LATERAL (
    SELECT * FROM outbox o
    WHERE o.cell = c.cell AND (o.xid, o.position) > (c.xid, c.position)
        AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY o.xid, o.position LIMIT $2
) o
LIMIT $2
