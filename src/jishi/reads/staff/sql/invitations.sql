-- The invitations of a shop one could still use.
-- in:    $1 bigint shop, $2 timestamptz now
-- out:   id, role, created_at, expires_at, name of who made it; the newest first
-- index: shop_invitation_open
SELECT i.id, i.role, i.created_at, i.expires_at, a.name AS created_by
FROM shop_invitation i
LEFT JOIN account a ON a.cell = cell_of(i.created_by) AND a.id = i.created_by
WHERE i.cell = cell_of($1) AND i.shop_id = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL
    AND i.expires_at > $2
ORDER BY i.id DESC;
