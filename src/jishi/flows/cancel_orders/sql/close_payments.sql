-- Close payments that wait for money no order of theirs wants any more.
-- in:     $1 bigint[] payment ids
-- writes: payment
-- locks:  payment by (cell, id)
WITH unwanted AS (
    SELECT p.cell, p.id FROM payment p JOIN unnest($1::bigint[]) asked(id)
        ON p.cell = cell_of(asked.id) AND p.id = asked.id
    WHERE p.state = 'open' AND NOT EXISTS (
        SELECT FROM unnest(p.order_ids) o(id)
        JOIN sale_order s ON s.cell = cell_of(o.id) AND s.id = o.id WHERE s.state = 10)
    ORDER BY p.cell, p.id FOR NO KEY UPDATE OF p
)
UPDATE payment p SET state = 'closed' FROM unwanted u WHERE p.cell = u.cell AND p.id = u.id
