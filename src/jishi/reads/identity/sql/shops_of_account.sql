-- The shops a person works in, the longest first; over all cells.
-- in:    $1 bigint account, $2 int how many at most
-- index: shop_staff_by_account, shop_pkey
SELECT f.shop_id, f.role, s.name
FROM shop_staff f JOIN shop s ON s.cell = f.cell AND s.id = f.shop_id
WHERE f.account_id = $1
ORDER BY f.added_at, f.shop_id
LIMIT $2;
