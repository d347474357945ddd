-- Write the differences of a check: new ones open, known ones stay as they are, the rest is gone. What
-- a former bill lacked and this one has is gone there, too.
-- in:     $1 bigint check, $2 text provider, $3 timestamptz now; per difference $4 text[] kind, $5 text[]
--         what, $6 text[] number, $7 bigint[] subject, $8 text[] provider's reference, $9 bigint[]
--         their minor, $10 bigint[] our minor, $11 text[] our state, $12 integer[] line, $13 text[]
--         opening state; $14 text[] what and $15 text[] number of every row of the bill that is done
-- writes: bill_difference
-- locks:  differences of this check (the caller holds it) and of former ones
-- index:  bill_difference_once, bill_difference_missing
WITH found AS MATERIALIZED (
    SELECT *, (row_number() OVER (ORDER BY at))::integer AS nth FROM unnest($4::text[], $5::text[],
        $6::text[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[], $11::text[],
        $12::integer[], $13::text[]) WITH ORDINALITY f(kind, what, number, subject_id, provider_ref,
        their_minor, our_minor, our_state, line, state, at)
), last AS (
    SELECT coalesce(max(position), 0) AS position FROM bill_difference WHERE cell = 0 AND check_id = $1
), gone AS (
    UPDATE bill_difference d SET state = 'gone', ended_at = $3
    WHERE d.cell = 0 AND d.check_id = $1 AND d.state IN ('open', 'noted')
        AND NOT EXISTS (SELECT FROM found f
            WHERE f.kind = d.kind AND f.what = d.what AND f.number = d.number)
), arrived AS (
    UPDATE bill_difference d SET state = 'gone', ended_at = $3
    FROM unnest($14::text[], $15::text[]) n(what, number), bill_check c
    WHERE d.state = 'open' AND d.kind = 'missing_theirs' AND d.what = n.what AND d.number = n.number
        AND d.cell = 0 AND d.check_id <> $1 AND c.cell = 0 AND c.id = d.check_id AND c.provider = $2
)
INSERT INTO bill_difference AS d (cell, check_id, position, kind, what, number, subject_id,
    provider_ref, their_minor, our_minor, our_state, line, state)
SELECT 0, $1, last.position + f.nth, f.kind, f.what, f.number, f.subject_id, f.provider_ref,
    f.their_minor, f.our_minor, f.our_state, f.line, f.state
FROM found f, last
ON CONFLICT (cell, check_id, kind, what, number) DO UPDATE SET subject_id = excluded.subject_id,
    their_minor = excluded.their_minor, our_minor = excluded.our_minor,
    our_state = excluded.our_state, line = excluded.line,
    state = CASE d.state WHEN 'gone' THEN excluded.state ELSE d.state END,
    ended_at = CASE d.state WHEN 'gone' THEN NULL ELSE d.ended_at END
