-- A shop's cases that have ended, newest first.
-- in:     $1 bigint shop, $2 bigint id to start below (NULL: from the newest), $3 int how many
-- index:  aftersale_case_ended; primary key of sale_order_line
SELECT c.*, l.title, l.options, l.picture, l.price_minor, '' AS shop_name, '' AS shop_name_en
FROM (SELECT * FROM aftersale_case WHERE cell = cell_of($1) AND shop_id = $1 AND deadline IS NULL
        AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3) c
JOIN sale_order_line l ON l.cell = c.cell AND l.order_id = c.order_id AND l.line = c.line
ORDER BY c.id DESC
