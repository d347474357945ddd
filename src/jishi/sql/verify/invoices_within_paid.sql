-- What is invoiced of an order, corrections taken off, must not exceed what its buyer paid.
-- out:    order and the amounts
SELECT i.order_id, i.invoiced_minor, o.amount_minor - o.platform_minor - o.creator_minor AS paid_minor
FROM (SELECT cell, order_id, sum(amount_minor) AS invoiced_minor FROM invoice
      WHERE state = 'issued' AND kind = 'blue' GROUP BY 1, 2) i
JOIN sale_order o ON o.cell = i.cell AND o.id = i.order_id
WHERE i.invoiced_minor > o.amount_minor - o.platform_minor - o.creator_minor
UNION ALL
-- blue and its corrections, issued or asked, are what the buyer paid and did not get back
SELECT i.order_id, i.invoiced_minor, o.amount_minor - o.platform_minor - o.creator_minor - o.refunded_minor
FROM (SELECT cell, order_id, sum(amount_minor) AS invoiced_minor FROM invoice
      WHERE (state = 'issued' AND kind = 'blue') OR (kind = 'red' AND state IN ('asked', 'issued', 'refused'))
      GROUP BY 1, 2) i
JOIN sale_order o ON o.cell = i.cell AND o.id = i.order_id
WHERE i.invoiced_minor < o.amount_minor - o.platform_minor - o.creator_minor - o.refunded_minor
