-- Write a message and move its conversation on. A note moves it, but is not shown as what was said last.
-- in:     $1 bigint conversation, $2 bigint message id, $3 text side, $4 bigint person, $5 text kind,
--         $6 text text, $7 bigint subject, $8 text key, $9 text excerpt, $10 timestamptz now,
--         $11 bigint seat that takes over when there is none, $12 boolean whether a word of caution goes with it
-- out:    the conversation as it stands afterwards; no row when the key was used before
-- writes: message, conversation, message_answer
-- locks:  conversation, held by the caller
WITH said AS (
    INSERT INTO message
        (cell, conversation_id, id, sender, sender_id, kind, text, subject_id, key, sent_at, is_cautioned)
    SELECT cell_of($1), $1, $2, $3, $4, $5, $6, $7, $8, $10, $12
    ON CONFLICT (cell, conversation_id, key) DO NOTHING
    RETURNING cell
), before AS (
    SELECT c.*, $5 = 'note' AS is_note FROM conversation c JOIN said s ON s.cell = c.cell WHERE c.id = $1
), answered AS (
    INSERT INTO message_answer (cell, shop_id, message_id, conversation_id, seat_id, asked_at, answered_at)
    SELECT cell, shop_id, $2, id, $4, waiting_since, greatest($10, waiting_since) FROM before
    WHERE $3 = 'shop' AND waiting_since IS NOT NULL
)
UPDATE conversation c SET last_id = $2,
    last_text = CASE WHEN b.is_note THEN c.last_text ELSE $9 END,
    last_kind = CASE WHEN b.is_note THEN c.last_kind ELSE $5 END,
    last_by = CASE WHEN b.is_note THEN c.last_by ELSE $3 END,
    last_at = CASE WHEN b.is_note THEN c.last_at ELSE $10 END,
    is_open = c.is_open OR NOT b.is_note,
    seat_id = coalesce(c.seat_id, $11),
    buyer_unread = CASE $3 WHEN 'buyer' THEN 0 WHEN 'shop' THEN c.buyer_unread + 1 ELSE c.buyer_unread END,
    shop_unread = CASE $3 WHEN 'shop' THEN 0 WHEN 'buyer' THEN c.shop_unread + 1 ELSE c.shop_unread END,
    buyer_read_id = CASE $3 WHEN 'buyer' THEN $2 ELSE c.buyer_read_id END,
    shop_read_id = CASE $3 WHEN 'shop' THEN $2 ELSE c.shop_read_id END,
    waiting_since = CASE $3 WHEN 'buyer' THEN coalesce(c.waiting_since, $10) WHEN 'shop' THEN NULL
        ELSE c.waiting_since END
FROM before b WHERE c.cell = b.cell AND c.id = b.id
RETURNING c.*
