-- Give jobs back that nobody is doing any more: of workers gone silent, and those named.
-- in:     $1 int seconds without a sign of life, $2 bigint[] further jobs known to be lost,
--         $3 int how often a job may be begun, $4 int how many jobs at once
-- out:    per job: id, task, what became of it (waiting, failed, dropped: its key waits already)
-- writes: procrastinate_jobs, through the library's functions
-- locks:  the jobs, skipping those another worker is giving back
-- index:  idx_procrastinate_jobs_worker_not_null
WITH lost AS MATERIALIZED (
    SELECT j.id, j.task_name, j.queueing_lock, j.attempts
    FROM procrastinate_jobs j
    WHERE j.status = 'doing' AND (
        j.worker_id IS NULL OR j.id = ANY($2::bigint[]) OR EXISTS (
            SELECT FROM procrastinate_workers w
            WHERE w.id = j.worker_id
                AND w.last_heartbeat < clock_timestamp() - make_interval(secs => $1::int)
        )
    )
    ORDER BY j.id LIMIT $4 FOR UPDATE OF j SKIP LOCKED
), judged AS MATERIALIZED (
    SELECT l.id, l.task_name, CASE
        WHEN EXISTS (SELECT FROM procrastinate_jobs j
                     WHERE j.queueing_lock = l.queueing_lock AND j.status = 'todo')
            OR l.queueing_lock IS NOT NULL
                AND row_number() OVER (PARTITION BY l.queueing_lock ORDER BY l.id) > 1 THEN 'dropped'
        WHEN l.attempts + 1 >= $3 THEN 'failed'
        ELSE 'waiting' END AS verdict
    FROM lost l
)
SELECT id, task_name AS task, verdict, CASE verdict
    WHEN 'dropped' THEN procrastinate_finish_job_v1(id, 'aborted', true)::text
    WHEN 'failed' THEN procrastinate_finish_job_v1(id, 'failed', false)::text
    ELSE procrastinate_retry_job_v2(id, clock_timestamp(), NULL, NULL, NULL)::text END AS done
FROM judged
