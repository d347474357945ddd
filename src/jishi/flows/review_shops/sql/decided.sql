-- Decided applications, the newest first.
-- in:     $1 timestamptz and $2 bigint: before this one (NULL: from the newest), $3 int limit
-- out:    with shop and who decided (NULL: the automatic checks)
-- index:  shop_application_decided
SELECT p.id, p.shop_id, p.kind, p.state, p.submitted_at, p.decided_at, p.decided_by,
    s.name AS shop_name, s.name_en AS shop_name_en, a.name AS decided_name
FROM (
    SELECT id, shop_id, kind, state, submitted_at, decided_at, decided_by FROM shop_application
    WHERE decided_at IS NOT NULL AND ($1::timestamptz IS NULL OR (decided_at, id) < ($1, $2::bigint))
    ORDER BY decided_at DESC, id DESC LIMIT $3
) p
JOIN shop s ON s.cell = cell_of(p.shop_id) AND s.id = p.shop_id
LEFT JOIN account a ON a.cell = cell_of(p.decided_by) AND a.id = p.decided_by
ORDER BY p.decided_at DESC, p.id DESC
