-- A product's reviews of one filter, the newest first.
-- in:    $1 smallint cell, $2 bigint product, $3 text filter (all, good, middling, poor, pictured, follow_up,
--        sku), $4 bigint sku, $5 int 0 (keeps the shape of list_best) and $6 bigint id of the last one seen (NULL: from the start), $7 int how many
-- out:   id, key
-- index: review_newest, review_newest_band, review_newest_pictured, review_newest_follow_up, review_newest_sku; of the branches one runs
(SELECT r.id, coalesce($5::integer, 0) AS key FROM review r
    WHERE $3 = 'all' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.id < coalesce($6::bigint, 9223372036854775807)
    ORDER BY r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, coalesce($5::integer, 0) AS key FROM review r
    WHERE $3 IN ('good', 'middling', 'poor') AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.band = CASE $3 WHEN 'good' THEN 3 WHEN 'middling' THEN 2 ELSE 1 END
        AND r.id < coalesce($6::bigint, 9223372036854775807)
    ORDER BY r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, coalesce($5::integer, 0) AS key FROM review r
    WHERE $3 = 'pictured' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.has_pictures AND r.id < coalesce($6::bigint, 9223372036854775807)
    ORDER BY r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, coalesce($5::integer, 0) AS key FROM review r
    WHERE $3 = 'follow_up' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.followed_up_at IS NOT NULL AND r.id < coalesce($6::bigint, 9223372036854775807)
    ORDER BY r.id DESC LIMIT $7)
UNION ALL
(SELECT r.id, coalesce($5::integer, 0) AS key FROM review r
    WHERE $3 = 'sku' AND r.cell = $1 AND r.product_id = $2 AND r.hidden_at IS NULL AND r.sku_id = $4::bigint AND r.id < coalesce($6::bigint, 9223372036854775807)
    ORDER BY r.id DESC LIMIT $7)
ORDER BY key DESC, id DESC
