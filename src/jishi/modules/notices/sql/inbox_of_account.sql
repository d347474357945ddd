-- A person's own messages, newest first.
-- in:    $1 smallint cell, $2 bigint account, $3 bigint below this position, $4 int
-- index: notice_of_account
SELECT position, kind, facts, updated_at AS at, read_at IS NOT NULL AS is_read
FROM notice
WHERE cell = $1 AND account_id = $2 AND position < $3
ORDER BY position DESC LIMIT $4;
