-- An agreed price is told in two rules, of the goods and of the freight, so that the rules a shop pays add
-- up to each line's discount. Until now one row held both. Owner: orders.
-- Of a line's agreed rows the goods are what the line's discount holds beyond its other rules, the earliest
-- rows first; the rest of each was freight.
WITH agreed AS (
    SELECT f.cell, f.order_id, f.line, f.position, f.amount_minor, f.title,
        l.discount_minor - (SELECT coalesce(sum(o.amount_minor), 0) FROM sale_order_offer o
            WHERE o.cell = f.cell AND o.order_id = f.order_id AND o.line = f.line AND o.payer = 'shop'
                AND o.kind NOT IN ('free_freight', 'agreed')) AS goods,
        sum(f.amount_minor) OVER w - f.amount_minor AS before,
        max(f.position) OVER (PARTITION BY f.cell, f.order_id, f.line) AS last
    FROM sale_order_offer f
    JOIN sale_order_line l ON l.cell = f.cell AND l.order_id = f.order_id AND l.line = f.line
    WHERE f.kind = 'agreed'
    WINDOW w AS (PARTITION BY f.cell, f.order_id, f.line ORDER BY f.position)
), parts AS (
    SELECT a.*, least(a.amount_minor, greatest(a.goods - a.before, 0))::bigint AS on_goods FROM agreed a
), freight AS (
    INSERT INTO sale_order_offer (cell, order_id, line, position, offer_id, kind, payer, amount_minor, title)
    SELECT cell, order_id, line, last + row_number() OVER (PARTITION BY cell, order_id, line ORDER BY position),
        0, 'agreed_freight', 'shop', amount_minor - on_goods, title
    FROM parts WHERE on_goods BETWEEN 1 AND amount_minor - 1
)
UPDATE sale_order_offer f SET amount_minor = CASE WHEN p.on_goods = 0 THEN f.amount_minor ELSE p.on_goods END,
    kind = CASE WHEN p.on_goods = 0 THEN 'agreed_freight' ELSE 'agreed' END
FROM parts p
WHERE f.cell = p.cell AND f.order_id = p.order_id AND f.line = p.line AND f.position = p.position
    AND p.on_goods < f.amount_minor;
