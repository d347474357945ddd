-- Statements of shops: days that are over, summed up once. What was not yet counted then belongs to the next
-- day, so a statement never changes after it was shown. Owner: payouts.
CREATE TABLE statement_day (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    day date NOT NULL,                         -- in the market's time zone
    opening_minor bigint NOT NULL,
    sales_minor bigint NOT NULL,
    fees_minor bigint NOT NULL,
    refunds_minor bigint NOT NULL,
    penalties_minor bigint NOT NULL,
    compensation_minor bigint NOT NULL,
    deposits_minor bigint NOT NULL,
    withdrawals_minor bigint NOT NULL,
    other_minor bigint NOT NULL,
    closing_minor bigint NOT NULL,
    transfers integer NOT NULL CHECK (transfers > 0),
    first_id bigint NOT NULL,                  -- transfers of the day lie between these two
    last_id bigint NOT NULL,
    late_after_id bigint,                      -- older ones above this number came too late for their own day
    PRIMARY KEY (cell, shop_id, day),
    CONSTRAINT statement_day_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT statement_day_adds_up CHECK (closing_minor = opening_minor + sales_minor + fees_minor
        + refunds_minor + penalties_minor + compensation_minor + deposits_minor + withdrawals_minor + other_minor)
);

-- How far a shop's statements are closed.
CREATE TABLE statement_mark (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    open_from date NOT NULL,                   -- the first day that is not closed
    open_from_at timestamptz NOT NULL,         -- its first instant
    balance_minor bigint NOT NULL,             -- at its start
    first_open_id bigint NOT NULL,             -- no transfer below it is open
    last_id bigint NOT NULL,                   -- the newest transfer looked at when the days were closed
    PRIMARY KEY (cell, shop_id),
    CONSTRAINT statement_mark_cell CHECK (cell = cell_of(shop_id))
);
-- How far the closing of the newest day has come over all shops.
CREATE TABLE statement_run (
    day date PRIMARY KEY,
    after_cell smallint NOT NULL DEFAULT -1,
    after_shop_id bigint NOT NULL DEFAULT 0,
    done_at timestamptz
);
