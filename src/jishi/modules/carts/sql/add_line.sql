-- Put pieces of a SKU into a cart, or more of them; the line is chosen again and its price seen anew.
-- in:    $1 smallint cell and $2 bigint id of the owner, $3 bigint sku, $4 int pieces, $5 bigint price seen,
--        $6 boolean is a visitor's, $7 int most lines, $8 int most pieces of a line, $9 timestamptz now
-- out:   pieces in the line; no row when the cart is full
-- locks: the line
-- index: cart_line primary key
-- rule:  rules.summed
INSERT INTO cart_line AS c
    (cell, owner_id, sku_id, quantity, seen_minor, is_visitor, added_at, changed_at)
SELECT $1, $2::bigint, $3::bigint, $4, $5, $6, $9::timestamptz, $9
WHERE (SELECT count(*) FROM cart_line WHERE cell = $1 AND owner_id = $2) < $7
    OR EXISTS (SELECT FROM cart_line WHERE cell = $1 AND owner_id = $2 AND sku_id = $3)
ON CONFLICT (cell, owner_id, sku_id) DO UPDATE
SET quantity = least(c.quantity + excluded.quantity, $8), seen_minor = excluded.seen_minor,
    is_chosen = true, changed_at = excluded.changed_at
RETURNING quantity
