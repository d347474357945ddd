-- Forget events that every listener passed and that happened long ago.
-- in:     $1 timestamptz kept since, $2 int how many at most
-- out:    how many were forgotten
-- writes: outbox
-- index:  outbox primary key, from the start of each cell
WITH passed AS (
    SELECT DISTINCT ON (cell) cell, xid, position FROM outbox_cursor ORDER BY cell, xid, position
), old AS (
    SELECT o.cell, o.xid, o.position FROM passed p
    CROSS JOIN LATERAL (
        SELECT o.cell, o.xid, o.position FROM outbox o
        WHERE o.cell = p.cell AND (o.xid, o.position) <= (p.xid, p.position) AND o.occurred_at < $1
        ORDER BY o.xid, o.position LIMIT 200
    ) o
    LIMIT $2
), gone AS (
    DELETE FROM outbox o USING old WHERE o.cell = old.cell AND o.xid = old.xid AND o.position = old.position
    RETURNING 1
)
SELECT count(*) FROM gone
