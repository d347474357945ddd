-- Goods that wait for people, the oldest first.
-- in:    $1 timestamptz and $2 bigint the case the page starts after (NULL: the first page), $3 int how many
-- out:   cases with the names of shop and of who looks at it
-- index: product_audit_queue, shop and account primary keys
SELECT c.id, c.shop_id, c.product_id, c.kind, c.findings, c.target ->> 'title' AS title,
    c.target -> 'pictures' -> 0 AS picture, c.source, c.asked_at, c.due_at, c.claimed_by, c.claimed_at,
    s.name AS shop_name, s.name_en AS shop_name_en, a.name AS claimed_name
FROM product_audit c
LEFT JOIN shop s ON s.cell = c.cell AND s.id = c.shop_id
LEFT JOIN account a ON a.cell = cell_of(c.claimed_by) AND a.id = c.claimed_by
WHERE c.state = 'open' AND ($1::timestamptz IS NULL OR (c.asked_at, c.id) > ($1, $2::bigint))
ORDER BY c.asked_at, c.id LIMIT $3;
