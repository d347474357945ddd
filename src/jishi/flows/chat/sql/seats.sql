-- Staff who may answer buyers, with what they have at hand.
-- in:     $1 bigint shop
-- out:    one row per owner, manager and clerk: id, name, on_duty, open (conversations, to 1,000)
-- index:  primary keys, conversation_by_seat
SELECT s.account_id AS id, a.name, coalesce(m.on_duty, false) AS on_duty, (
    SELECT count(*) FROM (SELECT FROM conversation c WHERE c.cell = s.cell AND c.shop_id = s.shop_id
        AND c.seat_id = s.account_id AND c.is_open LIMIT 1000) few) AS open
FROM shop_staff s JOIN account a ON a.cell = cell_of(s.account_id) AND a.id = s.account_id
LEFT JOIN message_seat m ON m.cell = s.cell AND m.shop_id = s.shop_id AND m.account_id = s.account_id
WHERE s.cell = cell_of($1) AND s.shop_id = $1 AND s.role <> 'warehouse'
ORDER BY a.name, s.account_id
