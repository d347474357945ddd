-- Shops by kind, preparing or suspended ones, and what stops a shop. Owner: shops.
ALTER TABLE shop DROP CONSTRAINT shop_state;
-- preparing: not approved yet · suspended: shown, but nothing can be bought while a row in shop_hold stands
ALTER TABLE shop ADD CONSTRAINT shop_state
        CHECK (state IN ('preparing', 'open', 'holiday', 'suspended', 'closed')),
    -- plain: opened without papers, where the market lets shops do so
    ADD COLUMN kind text NOT NULL DEFAULT 'plain' CONSTRAINT shop_kind
        CHECK (kind IN ('plain', 'individual', 'second_hand', 'business', 'flagship')),
    ADD COLUMN licence jsonb NOT NULL DEFAULT '{}',  -- what buyers may read of the approved papers
    ADD COLUMN sales_limit_minor bigint;             -- per calendar year; NULL: none

CREATE INDEX shop_limited ON shop (id) WHERE sales_limit_minor IS NOT NULL;

-- Why a shop is suspended; it opens again when the last row goes.
CREATE TABLE shop_hold (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    reason text NOT NULL CONSTRAINT shop_hold_reason CHECK (reason IN ('penalty', 'deposit', 'sales_limit')),
    subject_id bigint NOT NULL,  -- the case; the shop itself otherwise
    since timestamptz NOT NULL,
    PRIMARY KEY (cell, shop_id, reason, subject_id),
    CONSTRAINT shop_hold_cell CHECK (cell = cell_of(shop_id))
);

-- Products that may not be on sale: taken off by a penalty, or for want of a valid permit.
CREATE TABLE listing_hold (
    cell smallint NOT NULL,
    product_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    reason text NOT NULL CONSTRAINT listing_hold_reason CHECK (reason IN ('penalty', 'qualification')),
    subject_id bigint NOT NULL,  -- the case; 0 for a permit
    was_listed boolean NOT NULL, -- goes back on sale when the hold ends
    since timestamptz NOT NULL,
    PRIMARY KEY (cell, product_id, reason, subject_id),
    CONSTRAINT listing_hold_cell CHECK (cell = cell_of(product_id)),
    CONSTRAINT listing_hold_shop_cell CHECK (cell = cell_of(shop_id))
);
CREATE INDEX listing_hold_by_shop ON listing_hold (cell, shop_id, reason, product_id);
