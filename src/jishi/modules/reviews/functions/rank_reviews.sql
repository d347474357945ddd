-- Count anew what some reviews are ranked by, and rank them.
-- in:    p_cell, p_cells (cluster), the reviews
-- out:   how many there were
-- writes: review
-- locks: review by (cell, id)
-- index: review_same_text, review_of_pair, primary key of review_vote
-- rule:  rules.rank; at most eight twins and eight earlier ones are counted (rules.SATURATED)
CREATE OR REPLACE FUNCTION rank_reviews(p_cell smallint, p_cells smallint[], p_ids bigint[]) RETURNS integer
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    found_rows integer;
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT i.id FROM unnest(p_ids) i(id)) i
    JOIN review r ON r.cell = cell_of(i.id) AND r.id = i.id
    WHERE true
        AND r.cell = ANY (p_cells)  -- cluster only
    ORDER BY r.cell, r.id FOR NO KEY UPDATE OF r;

    UPDATE review r SET twins = c.twins, pair = c.pair, helpful = c.helpful, unhelpful = c.unhelpful,
        trusted_helpful = c.trusted_helpful, trusted_unhelpful = c.trusted_unhelpful, is_rank_due = false,
        rank = review_rank(r.id, r.order_id IS NOT NULL, r.detail, c.trusted_helpful, c.trusted_unhelpful,
            c.pair, c.twins)
    FROM (
        SELECT k.cell, k.id, t.twins, p.pair, v.*
        FROM (SELECT DISTINCT i.id FROM unnest(p_ids) i(id)) i
        JOIN review k ON k.cell = cell_of(i.id) AND k.id = i.id
        CROSS JOIN LATERAL (
            SELECT count(*)::integer AS twins FROM (
                SELECT FROM review o WHERE o.cell = k.cell AND o.shop_id = k.shop_id
                    AND o.text_digest = k.text_digest AND o.id <> k.id AND o.hidden_at IS NULL LIMIT 8) s) t
        CROSS JOIN LATERAL (
            SELECT count(*)::integer AS pair FROM (
                SELECT FROM review o WHERE o.cell = k.cell AND o.shop_id = k.shop_id
                    AND o.writer_id = k.writer_id AND o.id < k.id
                    AND o.id > k.id - (90::bigint * 86400000 << 22) LIMIT 8) s) p
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE is_helpful)::integer AS helpful,
                count(*) FILTER (WHERE NOT is_helpful)::integer AS unhelpful,
                count(*) FILTER (WHERE is_helpful AND is_trusted)::integer AS trusted_helpful,
                count(*) FILTER (WHERE NOT is_helpful AND is_trusted)::integer AS trusted_unhelpful
            FROM review_vote o WHERE o.cell = k.cell AND o.review_id = k.id) v
        WHERE true
            AND k.cell = ANY (p_cells)  -- cluster only
    ) c
    WHERE r.cell = c.cell AND r.id = c.id;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    RETURN found_rows;
END
$$;
