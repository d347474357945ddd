-- Applications and permits that wait for an operator, the oldest first.
-- in:     $1 timestamptz and $2 bigint: after this one (NULL: from the oldest), $3 int limit
-- out:    what: application or permit; with shop, kind, who looks at it
-- index:  shop_application_queue, shop_qualification_queue
WITH waiting AS (
    (SELECT 'application' AS what, id, shop_id, kind, state, submitted_at, due_at, claimed_by, claimed_at
     FROM shop_application
     WHERE state IN ('submitted', 'under_review')
        AND ($1::timestamptz IS NULL OR (submitted_at, id) > ($1, $2::bigint))
     ORDER BY submitted_at, id LIMIT $3)
    UNION ALL
    (SELECT 'permit', id, shop_id, kind, state, submitted_at, due_at, claimed_by, claimed_at
     FROM shop_qualification
     WHERE state IN ('submitted', 'under_review')
        AND ($1::timestamptz IS NULL OR (submitted_at, id) > ($1, $2::bigint))
     ORDER BY submitted_at, id LIMIT $3)
)
SELECT w.*, s.name AS shop_name, s.name_en AS shop_name_en, a.name AS claimed_name
FROM (SELECT * FROM waiting ORDER BY submitted_at, id LIMIT $3) w
JOIN shop s ON s.cell = cell_of(w.shop_id) AND s.id = w.shop_id
LEFT JOIN account a ON a.cell = cell_of(w.claimed_by) AND a.id = w.claimed_by
ORDER BY w.submitted_at, w.id
