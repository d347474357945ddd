-- Who works in a shop, with names.
-- in:    $1 bigint shop
-- out:   account_id, role, added_at, name, name of whoever let them in (NULL: account gone); owner first
-- index: shop_staff primary key, account primary key
SELECT m.account_id, m.role, m.added_at, a.name, b.name AS added_by
FROM shop_staff m
LEFT JOIN account a ON a.cell = cell_of(m.account_id) AND a.id = m.account_id
LEFT JOIN account b ON b.cell = cell_of(m.added_by) AND b.id = m.added_by
WHERE m.cell = cell_of($1) AND m.shop_id = $1
ORDER BY array_position('{owner,manager,clerk,warehouse}', m.role), m.added_at, m.account_id;
