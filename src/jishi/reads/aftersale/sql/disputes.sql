-- Disputes of the whole market, the nearest deadline first.
-- in:     $1 timestamptz and $2 bigint to start after (NULL: from the first), $3 int how many,
--         $4 bigint only what this operator took up (NULL: all)
-- index:  aftersale_case_disputes; primary keys of sale_order_line and shop
SELECT c.*, l.title, l.options, l.picture, l.price_minor, h.name AS shop_name, h.name_en AS shop_name_en
FROM (SELECT * FROM aftersale_case WHERE state IN ('disputed', 'appealed')
        AND ($1::timestamptz IS NULL OR (deadline, id) > ($1, $2::bigint))
        AND ($4::bigint IS NULL OR claimed_by = $4)
      ORDER BY deadline, id LIMIT $3) c
JOIN sale_order_line l ON l.cell = c.cell AND l.order_id = c.order_id AND l.line = c.line
JOIN shop h ON h.cell = c.cell AND h.id = c.shop_id
ORDER BY c.deadline, c.id
