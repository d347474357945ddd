-- A product's reviews of one filter, the highest rank first.
-- in:    $1 smallint cell, $2 bigint product, $3 text filter (all, good, middling, poor, pictured, follow_up,
--        sku), $4 bigint sku, $5 int key and $6 bigint id of the last one seen (NULL: from the start), $7 int how many
-- out:   id, key
-- index: review_best, review_best_band, review_best_pictured, review_best_follow_up, review_best_sku; of the branches one runs
(SELECT r.id, r.rank AS key FROM review r
    WHERE $3 = 'all' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND (r.rank, r.id) < (coalesce($5::integer, 2147483647), coalesce($6::bigint, 9223372036854775807))
    ORDER BY r.rank DESC, r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, r.rank AS key FROM review r
    WHERE $3 IN ('good', 'middling', 'poor') AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.band = CASE $3 WHEN 'good' THEN 3 WHEN 'middling' THEN 2 ELSE 1 END
        AND (r.rank, r.id) < (coalesce($5::integer, 2147483647), coalesce($6::bigint, 9223372036854775807))
    ORDER BY r.rank DESC, r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, r.rank AS key FROM review r
    WHERE $3 = 'pictured' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.has_pictures AND (r.rank, r.id) < (coalesce($5::integer, 2147483647), coalesce($6::bigint, 9223372036854775807))
    ORDER BY r.rank DESC, r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, r.rank AS key FROM review r
    WHERE $3 = 'follow_up' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.followed_up_at IS NOT NULL AND (r.rank, r.id) < (coalesce($5::integer, 2147483647), coalesce($6::bigint, 9223372036854775807))
    ORDER BY r.rank DESC, r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, r.rank AS key FROM review r
    WHERE $3 = 'sku' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.sku_id = $4::bigint AND (r.rank, r.id) < (coalesce($5::integer, 2147483647), coalesce($6::bigint, 9223372036854775807))
    ORDER BY r.rank DESC, r.id DESC LIMIT $7)
ORDER BY key DESC, id DESC
