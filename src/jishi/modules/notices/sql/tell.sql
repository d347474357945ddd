-- Write messages into inboxes; what gathers by the hour is added to the message of its hour.
-- in:     arrays, one element per message: $1 text kinds, $2 bigint accounts and $3 bigint shops (one of
--         them NULL), $4 bigint subjects, $5 jsonb facts, $6 timestamptz buckets (NULL: on its own),
--         $7 timestamptz instants. No two with the same shop, kind and bucket.
-- writes: notice
-- locks:  gathered rows by (cell, shop, kind, bucket)
-- index:  notice_gathered
WITH told AS (
    SELECT cell_of(coalesce(account_id, shop_id)) AS cell, told.*
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::jsonb[],
                $6::timestamptz[], $7::timestamptz[])
        AS told (kind, account_id, shop_id, subject_id, facts, bucket, at)
), single AS (
    INSERT INTO notice (cell, account_id, shop_id, channel, kind, subject_id, facts, created_at, updated_at)
    SELECT cell, account_id, shop_id, 'inbox', kind, subject_id, facts, at, at
    FROM told WHERE bucket IS NULL
)
INSERT INTO notice AS held
    (cell, shop_id, channel, kind, subject_id, facts, bucket, created_at, updated_at)
SELECT cell, shop_id, 'inbox', kind, subject_id, facts, bucket, at, at
FROM told WHERE bucket IS NOT NULL
ORDER BY cell, shop_id, kind, bucket
ON CONFLICT (cell, shop_id, kind, bucket) WHERE bucket IS NOT NULL DO UPDATE
SET facts = held.facts || jsonb_build_object(
        'count', (held.facts ->> 'count')::bigint + (excluded.facts ->> 'count')::bigint,
        'amount_minor',
        (held.facts ->> 'amount_minor')::bigint + (excluded.facts ->> 'amount_minor')::bigint),
    updated_at = greatest(held.updated_at, excluded.updated_at);
