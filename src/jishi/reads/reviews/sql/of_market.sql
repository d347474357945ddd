-- What an operator looks at: reported and held reviews, oldest first, or hidden ones, newest first.
-- in:    $1 text view (waiting, hidden), $2 bigint id of the last one seen (0: from the start; hidden: the
--        largest), $3 int how many, $4 timestamptz hidden at of the last one seen
-- index: review_reported, review_held_first, review_hidden_newest; the branches of the other view do not run
WITH found AS (
    (SELECT r.cell, r.id FROM review r WHERE $1 = 'waiting' AND r.open_reports > 0 AND r.id > $2
     ORDER BY r.id LIMIT $3)
    UNION ALL
    (SELECT r.cell, r.id FROM review r
     WHERE $1 = 'waiting' AND r.hidden_why = 'held' AND r.open_reports = 0 AND r.id > $2
     ORDER BY r.id LIMIT $3)
    UNION ALL
    (SELECT r.cell, r.id FROM review r
     WHERE $1 = 'hidden' AND r.hidden_at IS NOT NULL AND r.hidden_why <> 'held' AND (r.hidden_at, r.id) < ($4, $2)
     ORDER BY r.hidden_at DESC, r.id DESC LIMIT $3)
)
SELECT r.*, p.title, p.title_en, p.pictures -> 0 AS picture, h.name AS shop_name, h.name_en AS shop_name_en,
    (SELECT jsonb_agg(jsonb_build_object('why', t.why, 'note', t.note) ORDER BY t.reported_at)
     FROM (SELECT * FROM review_report t WHERE t.cell = r.cell AND t.review_id = r.id AND t.settled_at IS NULL
           ORDER BY t.reported_at LIMIT 20) t) AS reports
FROM found f JOIN review r ON r.cell = f.cell AND r.id = f.id
JOIN product p ON p.cell = r.cell AND p.id = r.product_id
JOIN shop h ON h.cell = r.cell AND h.id = r.shop_id
ORDER BY CASE WHEN $1 = 'hidden' THEN r.hidden_at END DESC, CASE WHEN $1 = 'hidden' THEN -r.id ELSE r.id END
LIMIT $3
