-- How many messages wait to be read: one's own, and those of the shops one works in.
-- in:    $1 smallint cell and $2 bigint id of the account, $3 bigint[] its shops
-- out:   unread, never above 100
-- index: notice_unread, notice_of_shop, notice_seen_pkey
SELECT count(*)::integer AS unread FROM (
    (SELECT 1 FROM notice
     WHERE cell = $1 AND account_id = $2 AND read_at IS NULL LIMIT 100)
    UNION ALL
    (SELECT 1 FROM unnest($3::bigint[]) shop (id)
     CROSS JOIN LATERAL (
         SELECT updated_at FROM notice n
         WHERE n.cell = cell_of(shop.id) AND n.shop_id = shop.id ORDER BY n.position DESC LIMIT 50) n
     LEFT JOIN notice_seen s ON s.cell = $1 AND s.account_id = $2 AND s.shop_id = shop.id
     WHERE n.updated_at > coalesce(s.seen_at, '-infinity') LIMIT 100)
    LIMIT 100
) waiting;
