-- The buyer's money left in the lines of orders, and whether units are still to be sent.
-- in:     $1 bigint[] order ids
-- out:    a row per line with money left, of orders that are paid and not refunded whole
-- index:  primary keys
-- rule:   jishi.flows.answer_aftersale.rules.freight_lines
SELECT l.order_id, l.line,
    l.amount_minor - l.platform_minor - l.creator_minor - l.refunded_minor AS left_minor,
    l.quantity > l.shipped_quantity + l.cancelled_quantity AS to_send
FROM (SELECT DISTINCT id FROM unnest($1::bigint[]) i(id)) i
JOIN sale_order o ON o.cell = cell_of(i.id) AND o.id = i.id AND o.state + 0 IN (20, 21, 30, 100)
JOIN sale_order_line l ON l.cell = o.cell AND l.order_id = o.id
WHERE l.amount_minor - l.platform_minor - l.creator_minor > l.refunded_minor
ORDER BY l.order_id, l.line
