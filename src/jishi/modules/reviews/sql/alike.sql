-- Reviews and those of the same shop in the same words whose weight may have changed with theirs.
-- in:    $1 smallint cell, $2 bigint[] reviews, $3 bigint[] digests they had before (NULL in it: none)
-- out:   ids; of one text at most nine others, since more twins change nothing
-- index: review_same_text
SELECT a.id FROM unnest($2::bigint[]) a (id)
UNION
SELECT o.id FROM (
    SELECT DISTINCT r.shop_id, d.digest
    FROM unnest($2::bigint[], $3::bigint[]) a (id, before)
    JOIN review r ON r.cell = $1 AND r.id = a.id
    CROSS JOIN LATERAL (VALUES (r.text_digest), (a.before)) d (digest)
    WHERE d.digest IS NOT NULL) t
CROSS JOIN LATERAL (
    SELECT o.id FROM review o
    WHERE o.cell = $1 AND o.shop_id = t.shop_id AND o.text_digest = t.digest LIMIT 10) o
