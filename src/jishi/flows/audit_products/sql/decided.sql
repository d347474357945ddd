-- Audits people decided, the newest first.
-- in:    $1 timestamptz and $2 bigint the case the page starts after (NULL: the first page), $3 int how many
-- out:   cases with the names of shop and of who decided
-- index: product_audit_decided_newest, shop and account primary keys
SELECT c.id, c.shop_id, c.product_id, c.kind, c.state, c.findings, c.target ->> 'title' AS title,
    c.target -> 'pictures' -> 0 AS picture, c.decided_at, s.name AS shop_name, s.name_en AS shop_name_en,
    a.name AS decided_name
FROM product_audit c
LEFT JOIN shop s ON s.cell = c.cell AND s.id = c.shop_id
LEFT JOIN account a ON a.cell = cell_of(c.decided_by) AND a.id = c.decided_by
WHERE c.decided_at IS NOT NULL AND ($1::timestamptz IS NULL OR (c.decided_at, c.id) < ($1, $2::bigint))
ORDER BY c.decided_at DESC, c.id DESC LIMIT $3;
