-- Favourite products and followed shops, in the person's cell, and how many follow a shop. Owner: follows.
CREATE TABLE favourite (
    cell smallint NOT NULL,              -- the account's
    account_id bigint NOT NULL,
    product_id bigint NOT NULL,
    position bigint NOT NULL,            -- an id of the account's cell: lists go by it, newest first
    price_minor bigint NOT NULL CONSTRAINT favourite_price CHECK (price_minor >= 0),  -- lowest then
    added_at timestamptz NOT NULL,
    PRIMARY KEY (cell, account_id, product_id),
    CONSTRAINT favourite_cell CHECK (cell = cell_of(account_id))
);
CREATE UNIQUE INDEX favourite_newest ON favourite (cell, account_id, position DESC);
CREATE INDEX favourite_by_product ON favourite (product_id);

CREATE TABLE shop_follow (
    cell smallint NOT NULL,              -- the account's
    account_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    position bigint NOT NULL,            -- as above
    followed_at timestamptz NOT NULL,
    PRIMARY KEY (cell, account_id, shop_id),
    CONSTRAINT shop_follow_cell CHECK (cell = cell_of(account_id))
);
CREATE UNIQUE INDEX shop_follow_newest ON shop_follow (cell, account_id, position DESC);
CREATE INDEX shop_follow_by_shop ON shop_follow (shop_id, position DESC);

-- In the shop's cell; a listener adds what people's cells tell.
CREATE TABLE shop_follower_count (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    followers bigint NOT NULL CONSTRAINT shop_follower_count_followers CHECK (followers >= 0),
    PRIMARY KEY (cell, shop_id),
    CONSTRAINT shop_follower_count_cell CHECK (cell = cell_of(shop_id))
) WITH (fillfactor = 70);
