-- What shops must leave as a deposit: the highest amount among any goods and the categories they list.
-- in:     $1 bigint[] shops, $2 timestamptz now, $3 timestamptz when what begins to lack is due
-- out:    shops whose required amount changed: shop, required, held
-- writes: deposit
-- locks:  deposit by (cell, shop_id)
-- index:  product_by_shop, deposit_requirement primary key
-- rule:   rules.due_at
WITH asked AS (
    SELECT s.cell, s.id, CASE WHEN s.state = 'closed' THEN 0 ELSE coalesce((
        SELECT max(r.amount_minor) FROM deposit_requirement r
        WHERE r.kind = s.kind AND (r.category_code = '' OR EXISTS (
            SELECT FROM product p JOIN category c ON c.id = p.category_id
            JOIN category u ON u.id = ANY (c.path)
            WHERE p.cell = s.cell AND p.shop_id = s.id AND p.state = 'listed' AND u.code = r.category_code
        ))), 0) END AS required
    FROM unnest($1::bigint[]) a (id) JOIN shop s ON s.cell = cell_of(a.id) AND s.id = a.id
)
INSERT INTO deposit AS d (cell, shop_id, required_minor, due_at, updated_at)
SELECT cell, id, required, CASE WHEN required > 0 THEN $3::timestamptz END, $2::timestamptz
FROM asked ORDER BY cell, id
ON CONFLICT (cell, shop_id) DO UPDATE SET required_minor = excluded.required_minor,
    due_at = CASE WHEN d.held_minor < excluded.required_minor THEN coalesce(d.due_at, $3) END, updated_at = $2
WHERE d.required_minor <> excluded.required_minor
RETURNING d.shop_id, d.required_minor, d.held_minor
