-- Orders whose steps leave a gap, end elsewhere than the order, or make a move that does not exist.
-- rule:   jishi.modules.orders.types.MOVES (a test holds the two equal)
-- out:    order and the move
WITH step AS (
    SELECT cell, order_id, version, state,
        lag(state) OVER w AS before, lag(version) OVER w AS version_before,
        row_number() OVER (PARTITION BY cell, order_id ORDER BY version DESC) AS from_end
    FROM sale_order_step WINDOW w AS (PARTITION BY cell, order_id ORDER BY version)
), move (before, state) AS (
    VALUES (10, 10), (10, 20), (10, 12), (10, 13), (10, 250), (12, 20), (12, 200), (13, 20), (13, 200), (20, 21),
        (20, 30), (20, 200), (21, 21), (21, 30), (21, 200), (30, 100), (30, 200), (100, 200), (250, 20)
)
SELECT s.order_id, s.before, s.state, 'no such move' AS what
FROM step s LEFT JOIN move m ON m.before = s.before AND m.state = s.state
WHERE (s.version = 1 AND s.state <> 10) OR (s.version > 1 AND m.state IS NULL)
    OR (s.version > 1 AND s.version_before IS DISTINCT FROM s.version - 1)
UNION ALL
SELECT o.id, s.state, o.state, 'the order stands elsewhere than its last step'
FROM sale_order o LEFT JOIN step s ON s.cell = o.cell AND s.order_id = o.id AND s.from_end = 1
WHERE s.state IS DISTINCT FROM o.state OR s.version IS DISTINCT FROM o.version
