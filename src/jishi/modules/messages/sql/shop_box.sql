-- A shop's conversations of one box, newest first; those that wait: longest first.
-- in:     $1 bigint shop, $2 text box, $3 bigint who asks, $4 bigint below this message (waiting: above
--         this conversation), $5 timestamptz waiting since after this (waiting only), $6 int limit
-- out:    conversations
-- index:  conversation_open, conversation_by_seat, conversation_closed, conversation_waiting; of the branches one runs
(SELECT * FROM conversation WHERE $2 = 'open' AND cell = cell_of($1) AND shop_id = $1 AND is_open
     AND last_id < $4 ORDER BY last_id DESC LIMIT $6)
UNION ALL
(SELECT * FROM conversation WHERE $2 = 'mine' AND cell = cell_of($1) AND shop_id = $1 AND is_open
     AND seat_id = $3 AND last_id < $4 ORDER BY last_id DESC LIMIT $6)
UNION ALL
(SELECT * FROM conversation WHERE $2 = 'closed' AND cell = cell_of($1) AND shop_id = $1 AND NOT is_open
     AND last_id < $4 ORDER BY last_id DESC LIMIT $6)
UNION ALL
(SELECT * FROM conversation WHERE $2 = 'waiting' AND cell = cell_of($1) AND shop_id = $1
     AND waiting_since IS NOT NULL AND (waiting_since, id) > ($5, $4)
     ORDER BY waiting_since, id LIMIT $6)
