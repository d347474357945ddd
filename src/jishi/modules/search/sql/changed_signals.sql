-- What entries say of price, sales and signs.
-- in:    $1 bigint[] product ids
-- out:   a row per entry
-- index: search_entry primary key
SELECT e.product_id, e.score, e.price_minor, e.sold_count, e.signs FROM unnest($1::bigint[]) a (id)
JOIN search_entry e ON e.cell = cell_of(a.id) AND e.product_id = a.id
