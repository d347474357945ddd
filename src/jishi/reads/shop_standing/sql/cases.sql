-- Cases as lists show them.
-- in:     $1 bigint[] cases
-- out:    cases with shop and rule, in the order asked
-- index:  primary keys of violation, violation_penalty, shop, shop_rule
SELECT v.id, v.shop_id, v.rule_code, v.rule_version, v.state, v.opened_at, v.takes_effect_at, v.rule_by,
    v.judge_by, v.appeal_until, v.clock_at, r.title_en, r.title_zh, s.name AS shop_name, s.name_en AS shop_name_en,
    (SELECT array_agg(p.kind ORDER BY p.position) FROM violation_penalty p
     WHERE p.cell = v.cell AND p.violation_id = v.id) AS kinds
FROM unnest($1::bigint[]) WITH ORDINALITY a (id, at)
JOIN violation v ON v.cell = cell_of(a.id) AND v.id = a.id
JOIN shop_rule r ON r.code = v.rule_code AND r.version = v.rule_version
JOIN shop s ON s.cell = v.cell AND s.id = v.shop_id
ORDER BY a.at
