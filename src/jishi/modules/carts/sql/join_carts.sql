-- Let a visitor's cart join an account's: equal SKUs add up, the newest lines come first while there is room.
-- in:    $1 smallint cell and $2 bigint id of the visitor, $3 smallint cell and $4 bigint id of the account,
--        $5 int most lines, $6 int most pieces of a line, $7 timestamptz now
-- locks: the visitor's lines, then the account's
-- index: cart_line primary key
-- rule:  rules.summed
WITH left_behind AS (
    DELETE FROM cart_line WHERE cell = $1 AND owner_id = $2
    RETURNING sku_id, quantity, seen_minor, is_chosen, added_at
), held AS (
    SELECT sku_id FROM cart_line WHERE cell = $3 AND owner_id = $4
), room AS (
    SELECT greatest($5::int - count(*), 0) AS lines FROM held
), fresh AS (
    SELECT l.sku_id FROM left_behind l WHERE NOT EXISTS (SELECT FROM held h WHERE h.sku_id = l.sku_id)
    ORDER BY l.added_at DESC, l.sku_id LIMIT (SELECT lines FROM room)
)
INSERT INTO cart_line AS c
    (cell, owner_id, sku_id, quantity, seen_minor, is_chosen, is_visitor, added_at, changed_at)
SELECT $3, $4, l.sku_id, l.quantity, l.seen_minor, l.is_chosen, false, l.added_at, $7
FROM left_behind l
WHERE EXISTS (SELECT FROM held h WHERE h.sku_id = l.sku_id)
    OR EXISTS (SELECT FROM fresh f WHERE f.sku_id = l.sku_id)
ORDER BY l.sku_id
ON CONFLICT (cell, owner_id, sku_id) DO UPDATE
SET quantity = least(c.quantity + excluded.quantity, $6), is_chosen = c.is_chosen OR excluded.is_chosen,
    changed_at = excluded.changed_at
