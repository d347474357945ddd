-- Permits that end within thirty days or have ended, with the last notice told; the earliest end first.
-- in:     $1 date today, $2 int how many at most
-- out:    permits that no later one of their kind replaces
-- locks:  shop_qualification rows, skipping held ones
-- index:  shop_qualification_ending, shop_qualification_by_shop
-- rule:   rules.notice_days
SELECT q.id, q.shop_id, q.kind, q.valid_until, q.told_days
FROM shop_qualification q
WHERE q.state = 'approved' AND q.valid_until <= $1::date + 30
    AND CASE WHEN q.valid_until < $1 THEN 0 WHEN q.valid_until <= $1::date + 7 THEN 7 ELSE 30 END
        < coalesce(q.told_days, 31)
    AND NOT EXISTS (
        SELECT FROM shop_qualification n
        WHERE n.cell = q.cell AND n.shop_id = q.shop_id AND n.kind = q.kind AND n.state = 'approved'
            AND n.valid_from <= $1 AND (n.valid_until IS NULL OR n.valid_until > q.valid_until)
    )
ORDER BY q.valid_until, q.id LIMIT $2
FOR NO KEY UPDATE OF q SKIP LOCKED
