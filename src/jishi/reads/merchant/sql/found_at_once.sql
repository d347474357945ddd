-- Orders of a shop named exactly: by their number, or by the waybill of a parcel.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint order or NULL, $4 text waybill
-- out:    ids
-- index:  primary key of sale_order, parcel_by_waybill
SELECT id FROM sale_order WHERE cell = $1 AND id = $3 AND shop_id = $2
UNION
SELECT order_id FROM parcel WHERE waybill = $4 AND cell = $1 AND shop_id = $2
ORDER BY id DESC LIMIT 100
