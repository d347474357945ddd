-- One side has read up to a message.
-- in:     $1 bigint conversation, $2 text side, $3 bigint message
-- out:    the conversation afterwards
-- writes: conversation
-- index:  primary keys
UPDATE conversation c SET
    buyer_read_id = CASE $2 WHEN 'buyer' THEN greatest(c.buyer_read_id, least($3, c.last_id)) ELSE c.buyer_read_id END,
    shop_read_id = CASE $2 WHEN 'shop' THEN greatest(c.shop_read_id, least($3, c.last_id)) ELSE c.shop_read_id END,
    buyer_unread = CASE WHEN $2 <> 'buyer' THEN c.buyer_unread ELSE (
        SELECT count(*) FROM (SELECT FROM message m WHERE m.cell = c.cell AND m.conversation_id = c.id
            AND m.id > greatest(c.buyer_read_id, least($3, c.last_id)) AND m.sender = 'shop' LIMIT 1000) n) END,
    shop_unread = CASE WHEN $2 <> 'shop' THEN c.shop_unread ELSE (
        SELECT count(*) FROM (SELECT FROM message m WHERE m.cell = c.cell AND m.conversation_id = c.id
            AND m.id > greatest(c.shop_read_id, least($3, c.last_id)) AND m.sender = 'buyer' LIMIT 1000) n) END
WHERE c.cell = cell_of($1) AND c.id = $1
RETURNING c.*
