-- Products whose entry is missing, was read from an older version, or should be gone.
-- in:    $1 bigint[] product ids
-- out:   id
-- index: primary keys
SELECT p.id FROM unnest($1::bigint[]) a (id)
JOIN product p ON p.cell = cell_of(a.id) AND p.id = a.id
JOIN shop h ON h.cell = p.cell AND h.id = p.shop_id
LEFT JOIN search_entry e ON e.cell = p.cell AND e.product_id = p.id
WHERE (p.state = 'listed' AND h.state NOT IN ('closed', 'preparing')) <> (e.product_id IS NOT NULL)
    OR (e.version < p.version AND p.state = 'listed')
