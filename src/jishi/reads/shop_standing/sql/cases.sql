-- Cases, the newest first, of one shop or of all.
-- in:     $1 bigint shop (NULL: all), $2 text[] states (NULL: all), $3 bigint below this id, $4 int limit
-- out:    cases with shop and rule
-- index:  violation_by_shop, violation_newest
SELECT v.id, v.shop_id, v.rule_code, v.rule_version, v.state, v.opened_at, v.takes_effect_at, v.rule_by,
    v.judge_by, v.appeal_until, v.clock_at, r.title_en, r.title_zh, s.name AS shop_name, s.name_en AS shop_name_en,
    (SELECT array_agg(p.kind ORDER BY p.position) FROM violation_penalty p
     WHERE p.cell = v.cell AND p.violation_id = v.id) AS kinds
FROM (
    (SELECT * FROM violation WHERE $1::bigint IS NOT NULL AND cell = cell_of($1) AND shop_id = $1 AND id < $3
        AND ($2::text[] IS NULL OR state = ANY ($2)) ORDER BY id DESC LIMIT $4)
    UNION ALL
    (SELECT * FROM violation WHERE $1::bigint IS NULL AND id < $3
        AND ($2::text[] IS NULL OR state = ANY ($2)) ORDER BY id DESC LIMIT $4)
) v
JOIN shop_rule r ON r.code = v.rule_code AND r.version = v.rule_version
JOIN shop s ON s.cell = v.cell AND s.id = v.shop_id
ORDER BY v.id DESC
