-- A shop's reviews of one view, newest first, without those held for an operator.
-- in:    $1 smallint cell, $2 bigint shop, $3 text view (all, unanswered, poor), $4 bigint id of the last one
--        seen, $5 int how many
-- index: review_by_shop, review_unanswered, review_poor; of the branches one runs
WITH found AS (
    (SELECT r.id FROM review r
     WHERE $3 = 'all' AND r.cell = $1 AND r.shop_id = $2 AND r.hidden_why IS DISTINCT FROM 'held'
        AND r.id < $4 ORDER BY r.id DESC LIMIT $5)
    UNION ALL
    (SELECT r.id FROM review r
     WHERE $3 = 'unanswered' AND r.cell = $1 AND r.shop_id = $2 AND r.answer IS NULL AND r.hidden_at IS NULL
        AND r.order_id IS NOT NULL AND r.id < $4 ORDER BY r.id DESC LIMIT $5)
    UNION ALL
    (SELECT r.id FROM review r
     WHERE $3 = 'poor' AND r.cell = $1 AND r.shop_id = $2 AND r.stars <= 2 AND r.hidden_at IS NULL
        AND r.id < $4 ORDER BY r.id DESC LIMIT $5)
)
SELECT r.*, p.title, p.title_en, p.pictures -> 0 AS picture
FROM found f JOIN review r ON r.cell = $1 AND r.id = f.id
JOIN product p ON p.cell = r.cell AND p.id = r.product_id
ORDER BY r.id DESC
