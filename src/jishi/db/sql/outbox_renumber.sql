-- After a restore: number all events and cursors anew, because another server's transaction ids mean
-- nothing here. Events keep their order, every cursor its place between them.
-- out:    none; events have transaction 3, the first there is, and positions never used before
-- writes: outbox, outbox_cursor
-- locks:  nobody else may be in the database; runs in the transaction of the restore
SET LOCAL search_path = public;
WITH used AS (
    SELECT greatest(
        pg_sequence_last_value(pg_get_serial_sequence('outbox', 'position')),
        (SELECT max(position) FROM outbox),
        (SELECT max(position) FROM outbox_parked),  -- a parked event is known by its position
        (SELECT max(position) FROM outbox_cursor),
        0
    ) AS position
), taken AS (
    DELETE FROM outbox RETURNING *
), placed AS MATERIALIZED (
    SELECT t.*, u.position + row_number() OVER (ORDER BY t.xid, t.position) AS place
    FROM taken t CROSS JOIN used u
), walked AS (
    SELECT cell, listener, max(place) OVER (
        PARTITION BY cell ORDER BY xid, position, listener NULLS FIRST ROWS UNBOUNDED PRECEDING
    ) AS place
    FROM (
        SELECT cell, NULL AS listener, xid, position, place FROM placed
        UNION ALL
        SELECT cell, listener, xid, position, NULL FROM outbox_cursor
    ) marks
), moved AS (
    UPDATE outbox_cursor c SET xid = '3', position = coalesce(w.place, u.position)
    FROM walked w CROSS JOIN used u
    WHERE w.cell = c.cell AND w.listener = c.listener
)
INSERT INTO outbox (cell, position, xid, topic, subject_id, payload, occurred_at)
OVERRIDING SYSTEM VALUE
SELECT cell, place, '3', topic, subject_id, payload, occurred_at FROM placed;
SELECT setval(pg_get_serial_sequence('outbox', 'position'), greatest(
    pg_sequence_last_value(pg_get_serial_sequence('outbox', 'position')),
    (SELECT max(position) FROM outbox),
    (SELECT max(position) FROM outbox_cursor),
    1
));
