-- A shop's messages, newest first; read as far as this person has read them.
-- in:    $1 bigint shop, $2 bigint account looking, $3 bigint below this position, $4 int
-- index: notice_of_shop, notice_seen_pkey
SELECT n.position, n.kind, n.facts, n.updated_at AS at,
    n.updated_at <= coalesce(s.seen_at, '-infinity') AS is_read
FROM notice n
LEFT JOIN notice_seen s ON s.cell = cell_of($2) AND s.account_id = $2 AND s.shop_id = $1
WHERE n.cell = cell_of($1) AND n.shop_id = $1 AND n.position < $3
ORDER BY n.position DESC LIMIT $4;
