-- List or delist products; their SKUs go on or off sale with them.
-- in:     $1 bigint[] product ids held by lock_products, $2 text the state they come to, $3 text[] the states
--         they may come from, $4 timestamptz now
-- out:    ids of the products that moved
-- writes: product, sku
-- locks:  sku of products the caller holds
-- rule:   types.MOVES, rules.is_sellable
WITH moved AS (
    UPDATE product p SET state = $2::text, version = p.version + 1, updated_at = $4::timestamptz,
        listed_at = CASE WHEN $2 = 'listed' THEN $4 ELSE p.listed_at END
    FROM unnest($1::bigint[]) a (id)
    WHERE p.cell = cell_of(a.id) AND p.id = a.id AND p.state = ANY ($3::text[])
    RETURNING p.cell, p.id
), switched AS (
    UPDATE sku s SET on_sale = s.enabled AND $2 = 'listed', updated_at = $4
    FROM moved m WHERE s.cell = m.cell AND s.product_id = m.id AND NOT s.retired
)
SELECT id FROM moved;
