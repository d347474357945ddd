-- A shop's offers, newest first, with what became of them.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint before which id (NULL: the newest), $4 int how many,
--         $5 bigint the quota that binds nobody
-- out:    offers
-- index:  offer_by_shop; primary keys of offer_item, offer_stock, offer_count
SELECT o.id, o.kind, o.title, o.audience, o.is_exclusive, o.announced_at, o.starts_at, o.ends_at, o.ended_at,
    o.pieces, o.price_minor,
    (SELECT count(*) FROM offer_item i WHERE i.cell = o.cell AND i.offer_id = o.id) AS skus,
    s.quota, coalesce(s.taken, 0) AS taken, coalesce(n.orders, 0) AS orders,
    coalesce(n.discount_minor, 0) AS discount_minor, coalesce(n.gmv_minor, 0) AS gmv_minor
FROM (
    SELECT * FROM offer WHERE cell = $1 AND shop_id = $2 AND ($3::bigint IS NULL OR id < $3)
    ORDER BY id DESC LIMIT $4
) o
LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_and(quota < $5) THEN sum(quota)::bigint END AS quota, sum(taken)::bigint AS taken
    FROM offer_stock s WHERE s.cell = o.cell AND s.offer_id = o.id
) s ON true
LEFT JOIN offer_count n ON n.cell = o.cell AND n.offer_id = o.id
ORDER BY o.id DESC
