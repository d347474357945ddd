-- Orders that a number leads to: of an order, checkout, payment, refund or parcel; or a waybill.
-- in:     $1 bigint the number or NULL, $2 text the waybill
-- out:    order ids and what the number was
-- index:  primary keys, parcel_by_waybill
SELECT DISTINCT ON (found.order_id) found.order_id, found.what FROM (
    SELECT id AS order_id, 'order' AS what FROM sale_order WHERE cell = cell_of($1) AND id = $1
    UNION ALL
    SELECT o.id, 'checkout' FROM checkout c, unnest(c.order_ids) o(id)
        WHERE c.cell = cell_of($1) AND c.id = $1
    UNION ALL
    SELECT o.id, 'payment' FROM payment p, unnest(p.order_ids) o(id)
        WHERE p.cell = cell_of($1) AND p.id = $1
    UNION ALL
    SELECT order_id, 'refund' FROM refund WHERE cell = cell_of($1) AND id = $1
    UNION ALL
    SELECT order_id, 'parcel' FROM parcel WHERE cell = cell_of($1) AND id = $1
    UNION ALL
    (SELECT order_id, 'waybill' FROM parcel WHERE waybill = $2 ORDER BY id DESC LIMIT 50)
) found
ORDER BY found.order_id DESC LIMIT 100
