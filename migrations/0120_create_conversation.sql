-- Messages between a buyer and a shop. A conversation lies in the shop's cell; there is one per pair.
CREATE TABLE conversation (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    seat_id bigint,                    -- the member of staff who answers; NULL: nobody yet
    is_open boolean NOT NULL DEFAULT true,
    last_id bigint NOT NULL DEFAULT 0, -- newest message
    last_text text NOT NULL DEFAULT '',
    last_by text NOT NULL DEFAULT 'buyer' CHECK (last_by IN ('buyer', 'shop', 'system')),
    last_at timestamptz NOT NULL,
    buyer_read_id bigint NOT NULL DEFAULT 0,  -- read up to this message
    shop_read_id bigint NOT NULL DEFAULT 0,
    buyer_unread integer NOT NULL DEFAULT 0 CHECK (buyer_unread >= 0),
    shop_unread integer NOT NULL DEFAULT 0 CHECK (shop_unread >= 0),
    waiting_since timestamptz,         -- the buyer asked and nobody has answered
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT conversation_cell CHECK (cell = cell_of(id) AND cell = cell_of(shop_id)),
    CONSTRAINT conversation_once UNIQUE (cell, shop_id, buyer_id)
) WITH (fillfactor = 70);
CREATE INDEX conversation_by_buyer ON conversation (buyer_id, last_id DESC);
CREATE INDEX conversation_by_shop ON conversation (cell, shop_id, last_id DESC);
CREATE INDEX conversation_by_seat ON conversation (cell, shop_id, seat_id, last_id DESC) WHERE is_open;
CREATE INDEX conversation_waiting ON conversation (cell, shop_id, waiting_since, id)
    WHERE waiting_since IS NOT NULL;
CREATE INDEX conversation_unread_by_buyer ON conversation (buyer_id) WHERE buyer_unread > 0;
CREATE INDEX conversation_unread_by_shop ON conversation (cell, shop_id) WHERE shop_unread > 0;

CREATE TABLE message (
    cell smallint NOT NULL,
    conversation_id bigint NOT NULL,
    id bigint NOT NULL,
    sender text NOT NULL CONSTRAINT message_sender CHECK (sender IN ('buyer', 'shop', 'system')),
    sender_id bigint,                  -- the person; NULL for the system
    kind text NOT NULL CONSTRAINT message_kind CHECK (kind IN ('text', 'picture', 'order', 'product', 'note')),
    text text NOT NULL DEFAULT '' CONSTRAINT message_text CHECK (length(text) <= 2000),
    subject_id bigint,                 -- order, product or media
    key text,                          -- the sender's own, so that a repeat writes nothing
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (cell, conversation_id, id),
    CONSTRAINT message_key UNIQUE (cell, conversation_id, key),
    CONSTRAINT message_subject CHECK ((kind IN ('picture', 'order', 'product')) = (subject_id IS NOT NULL))
);

-- How long a buyer waited for an answer: what the score of a shop is made of.
CREATE TABLE message_answer (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    message_id bigint NOT NULL,        -- the answer
    conversation_id bigint NOT NULL,
    seat_id bigint,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz NOT NULL CHECK (answered_at >= asked_at),
    PRIMARY KEY (cell, shop_id, message_id)
);
CREATE INDEX message_answer_by_time ON message_answer (cell, shop_id, answered_at);

-- Staff who answer. On duty: new conversations come to the one with the fewest open.
CREATE TABLE message_seat (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    account_id bigint NOT NULL,
    on_duty boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (cell, shop_id, account_id)
);

CREATE TABLE quick_reply (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    id bigint NOT NULL,
    title text NOT NULL CONSTRAINT quick_reply_title CHECK (length(title) BETWEEN 1 AND 40),
    text text NOT NULL CONSTRAINT quick_reply_text CHECK (length(text) BETWEEN 1 AND 1000),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, shop_id, id)
);
