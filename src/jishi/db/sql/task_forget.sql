-- Delete jobs that ended long ago; those that succeeded are deleted at once by the worker.
-- in:     $1 timestamptz ended before, $2 int how many at most
-- out:    how many were deleted
-- writes: procrastinate_jobs (its events follow)
-- index:  procrastinate_events_job_id_fkey_v1
WITH old AS (
    SELECT j.id FROM procrastinate_jobs j
    WHERE j.status NOT IN ('todo', 'doing') AND NOT EXISTS (
        SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= $1
    )
    LIMIT $2
), gone AS (
    DELETE FROM procrastinate_jobs j USING old WHERE j.id = old.id RETURNING j.id
)
SELECT count(*) FROM gone
