-- The largest tables, with their indexes, and how many rows the planner believes they hold.
-- in:     nothing
-- out:    twelve rows at most
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, greatest(c.reltuples, 0)::bigint AS rows
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public'
ORDER BY 2 DESC LIMIT 12
