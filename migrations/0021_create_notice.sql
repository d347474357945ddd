-- Messages to people and shops, in the inbox or outgoing. Owner: notices.
-- In the cell of the account or shop; outgoing ones in the cell of the address (kit.ids.cell_for).
CREATE TABLE notice (
    cell smallint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    account_id bigint,
    shop_id bigint,
    address text,                              -- phone or e-mail of an outgoing message
    channel text NOT NULL CONSTRAINT notice_channel CHECK (channel IN ('inbox', 'sms', 'mail')),
    kind text NOT NULL,
    subject_id bigint,
    facts jsonb NOT NULL DEFAULT '{}',
    locale text,                               -- of an outgoing message
    bucket timestamptz,                        -- what happened to a shop within one hour is one notice
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    read_at timestamptz,
    sent_at timestamptz,
    retry_at timestamptz,                      -- an outgoing message is tried from here on
    attempts smallint NOT NULL DEFAULT 0,
    last_error text,
    PRIMARY KEY (cell, position),
    CONSTRAINT notice_one_recipient CHECK (num_nonnulls(account_id, shop_id, address) = 1),
    CONSTRAINT notice_outgoing_has_address CHECK ((channel = 'inbox') = (address IS NULL)),
    CONSTRAINT notice_cell CHECK (address IS NOT NULL OR cell = cell_of(coalesce(account_id, shop_id)))
) WITH (fillfactor = 85);
CREATE INDEX notice_of_account ON notice (cell, account_id, position DESC) WHERE account_id IS NOT NULL;
CREATE INDEX notice_unread ON notice (cell, account_id) WHERE account_id IS NOT NULL AND read_at IS NULL;
CREATE INDEX notice_of_shop ON notice (cell, shop_id, position DESC) WHERE shop_id IS NOT NULL;
CREATE UNIQUE INDEX notice_gathered ON notice (cell, shop_id, kind, bucket) WHERE bucket IS NOT NULL;
CREATE INDEX notice_to_send ON notice (retry_at, position) WHERE retry_at IS NOT NULL;
CREATE INDEX notice_sent_out ON notice (created_at DESC, position DESC) WHERE address IS NOT NULL;
CREATE INDEX notice_age ON notice (created_at);

-- How far someone who works in a shop has read its messages; in the account's cell.
CREATE TABLE notice_seen (
    cell smallint NOT NULL,
    account_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (cell, account_id, shop_id),
    CONSTRAINT notice_seen_cell CHECK (cell = cell_of(account_id))
);
