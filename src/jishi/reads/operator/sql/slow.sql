-- Statements that run for more than a second just now.
-- in:     nothing
-- out:    ten rows at most, longest first; the statement's beginning only
SELECT application_name, extract(epoch FROM clock_timestamp() - query_start) AS seconds,
    left(regexp_replace(query, '\s+', ' ', 'g'), 160) AS query
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
    AND clock_timestamp() - query_start > interval '1 second'
ORDER BY query_start LIMIT 10
