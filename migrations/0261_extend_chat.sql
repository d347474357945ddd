-- Chat: what kind the newest message is, a word of caution beside a message, and a list per box. Owner: messages.
ALTER TABLE conversation ADD COLUMN last_kind text NOT NULL DEFAULT 'text'
    CONSTRAINT conversation_last_kind CHECK (last_kind IN ('text', 'picture', 'order', 'product'));
ALTER TABLE message ADD COLUMN is_cautioned boolean NOT NULL DEFAULT false;  -- names a way around the market

-- A note of who answers is no message: lists go on showing what was said before it.
UPDATE conversation c SET last_kind = m.kind, last_by = m.sender,
    last_text = left(regexp_replace(m.text, '\s+', ' ', 'g'), 80)
FROM conversation o
CROSS JOIN LATERAL (
    SELECT * FROM message s WHERE s.cell = o.cell AND s.conversation_id = o.id AND s.kind <> 'note'
    ORDER BY s.id DESC LIMIT 1) m
WHERE o.last_text = '' AND o.last_id > 0 AND c.cell = o.cell AND c.id = o.id;

DROP INDEX conversation_by_shop;
CREATE INDEX conversation_open ON conversation (cell, shop_id, last_id DESC) WHERE is_open;
CREATE INDEX conversation_closed ON conversation (cell, shop_id, last_id DESC) WHERE NOT is_open;
