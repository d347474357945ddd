-- What belongs to a case besides itself: evidence and steps, with names of operators left to the caller's side.
-- in:     $1 bigint case
-- out:    one row of two JSON arrays
-- index:  primary keys
SELECT
    (SELECT jsonb_agg(jsonb_build_object('side', e.side, 'kind', e.kind, 'subject_id', e.subject_id::text,
        'text', e.text, 'at', e.added_at) ORDER BY e.position)
     FROM violation_evidence e WHERE e.cell = cell_of($1) AND e.violation_id = $1) AS evidence,
    (SELECT jsonb_agg(jsonb_build_object('state', t.state, 'actor', t.actor, 'actor_id', t.actor_id::text,
        'name', a.name, 'note', t.note, 'at', t.occurred_at) ORDER BY t.version DESC)
     FROM violation_step t LEFT JOIN account a ON a.cell = cell_of(t.actor_id) AND a.id = t.actor_id
     WHERE t.cell = cell_of($1) AND t.violation_id = $1) AS steps
