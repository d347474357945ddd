-- The parcels that travel under waybills, held against change. One waybill may hold several orders.
-- in:    $1 text[] carriers, $2 text[] numbers (pairs, each once), $3 int parcels a waybill at most
-- out:   parcels with their buyer
-- locks: parcel by (cell, id)
-- index: parcel_by_waybill, sale_order primary key
SELECT a.at, p.id, p.order_id, p.shop_id, p.carrier, p.waybill, p.progress, p.promised_arrival_at, o.buyer_id
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY a(carrier, number, at)
JOIN LATERAL (
    SELECT * FROM parcel q WHERE q.waybill = a.number AND q.carrier = a.carrier ORDER BY q.id DESC LIMIT $3
) n ON true
JOIN parcel p ON p.cell = n.cell AND p.id = n.id
JOIN sale_order o ON o.cell = p.cell AND o.id = p.order_id
ORDER BY p.cell, p.id
FOR NO KEY UPDATE OF p
