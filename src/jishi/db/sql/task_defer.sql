-- Make jobs for the worker, in the transaction of what they belong to.
-- in:     $1 text queue; per job $2 text task, $3 jsonb arguments, $4 text key or NULL,
--         $5 timestamptz not before, or NULL
-- out:    how many were made; those whose key a waiting job has are left out
-- index:  procrastinate's unique index over the keys of waiting jobs; keys enter it in order
WITH asked AS (
    SELECT task, args, key, at, n,
        row_number() OVER (PARTITION BY coalesce(key, n::text), key IS NULL ORDER BY n) AS copy
    FROM unnest($2::text[], $3::jsonb[], $4::text[], $5::timestamptz[])
        WITH ORDINALITY w(task, args, key, at, n)
), fresh AS (
    SELECT * FROM asked a
    WHERE copy = 1 AND NOT EXISTS (
        SELECT FROM procrastinate_jobs j WHERE j.queueing_lock = a.key AND j.status = 'todo'
    )
)
SELECT cardinality(coalesce(procrastinate_defer_jobs_v1(
    array_agg(ROW($1, task, 0, NULL, key, args, at)::procrastinate_job_to_defer_v1 ORDER BY key, n)
), '{}'))
FROM fresh
