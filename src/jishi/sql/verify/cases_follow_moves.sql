-- After-sale cases whose journal leaves a gap, ends elsewhere than the case, or makes a move that does not exist;
-- lines with two open cases; disputes ruled twice by the same operator.
-- rule:   jishi.modules.aftersale.types.MOVES (a test holds the two equal)
-- out:    case and the move
WITH step AS (
    SELECT cell, case_id, version, state,
        lag(state) OVER w AS before, lag(version) OVER w AS version_before,
        row_number() OVER (PARTITION BY cell, case_id ORDER BY version DESC) AS from_end
    FROM aftersale_step WINDOW w AS (PARTITION BY cell, case_id ORDER BY version)
), move (before, state) AS (
    VALUES ('asked', 'asked'), ('asked', 'closed'), ('asked', 'offered'), ('asked', 'refused'),
        ('asked', 'returning'), ('asked', 'settled'), ('asked', 'to_send'),
        ('offered', 'asked'), ('offered', 'closed'), ('offered', 'disputed'),
        ('offered', 'offered'), ('offered', 'returning'), ('offered', 'settled'),
        ('offered', 'to_send'), ('refused', 'asked'), ('refused', 'closed'),
        ('refused', 'disputed'), ('refused', 'offered'), ('refused', 'returning'),
        ('refused', 'settled'), ('refused', 'to_send'), ('returning', 'closed'),
        ('returning', 'returned'), ('returning', 'settled'), ('returned', 'closed'),
        ('returned', 'disputed'), ('returned', 'settled'), ('returned', 'to_send'),
        ('to_send', 'closed'), ('to_send', 'sent'), ('to_send', 'settled'), ('sent', 'closed'),
        ('sent', 'disputed'), ('sent', 'settled'), ('disputed', 'closed'),
        ('disputed', 'returning'), ('disputed', 'ruled'), ('disputed', 'settled'),
        ('disputed', 'to_send'), ('ruled', 'appealed'), ('ruled', 'closed'),
        ('ruled', 'returning'), ('ruled', 'settled'), ('appealed', 'closed'),
        ('appealed', 'returning'), ('appealed', 'settled')
)
SELECT s.case_id, s.before, s.state, 'no such move' AS what
FROM step s LEFT JOIN move m ON m.before = s.before AND m.state = s.state
WHERE (s.version = 1 AND s.state <> 'asked') OR (s.version > 1 AND m.state IS NULL)
    OR (s.version > 1 AND s.version_before IS DISTINCT FROM s.version - 1)
UNION ALL
SELECT c.id, s.state, c.state, 'the case stands elsewhere than its last step'
FROM aftersale_case c LEFT JOIN step s ON s.cell = c.cell AND s.case_id = c.id AND s.from_end = 1
WHERE s.state IS DISTINCT FROM c.state OR s.version IS DISTINCT FROM c.version
UNION ALL
SELECT min(id), NULL, line::text, 'two open cases on a line' FROM aftersale_case
WHERE state NOT IN ('settled', 'closed') GROUP BY cell, order_id, line HAVING count(*) > 1
UNION ALL
SELECT a.case_id, a.decision, b.decision, 'an appeal decided by the operator of the first ruling'
FROM aftersale_ruling a JOIN aftersale_ruling b ON b.cell = a.cell AND b.case_id = a.case_id AND b.round = 2
WHERE a.round = 1 AND a.operator_id = b.operator_id
