-- What stands around cases: whether goods went back, who was heard since it came to the market, the last ruling.
-- in:     $1 bigint[] case ids
-- out:    a row per case
-- index:  primary keys
SELECT c.id,
    EXISTS (SELECT FROM aftersale_parcel p WHERE p.cell = c.cell AND p.case_id = c.id AND p.direction = 'back')
        AS is_sent_back,
    (SELECT count(DISTINCT m.side) FROM aftersale_message m WHERE m.cell = c.cell AND m.case_id = c.id
        AND m.side IN ('buyer', 'shop') AND m.said_at >= c.moved_at) = 2 AS both_heard,
    (SELECT to_jsonb(r) FROM aftersale_ruling r WHERE r.cell = c.cell AND r.case_id = c.id
        ORDER BY r.round DESC LIMIT 1) AS last_ruling
FROM unnest($1::bigint[]) i(id) JOIN aftersale_case c ON c.cell = cell_of(i.id) AND c.id = i.id
