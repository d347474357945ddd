-- A shop's open cases in some states, the nearest deadline first.
-- in:     $1 bigint shop, $2 text[] states, $3 timestamptz and $4 bigint to start after (NULL: from the first),
--         $5 int how many
-- index:  aftersale_case_queue; primary key of sale_order_line
SELECT c.*, l.title, l.options, l.picture, l.price_minor, '' AS shop_name, '' AS shop_name_en
FROM (SELECT * FROM aftersale_case WHERE cell = cell_of($1) AND shop_id = $1 AND deadline IS NOT NULL
        AND state = ANY ($2) AND ($3::timestamptz IS NULL OR (deadline, id) > ($3, $4::bigint))
      ORDER BY deadline, id LIMIT $5) c
JOIN sale_order_line l ON l.cell = c.cell AND l.order_id = c.order_id AND l.line = c.line
ORDER BY c.deadline, c.id
