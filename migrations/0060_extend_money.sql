-- Who pays what of an order, and what of it went back: columns of the money contract in docs/money.
ALTER TABLE sale_order
    ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0,  -- what the shop forgoes on the goods
    ADD COLUMN platform_minor bigint NOT NULL DEFAULT 0,  -- paid by the market (subsidy)
    ADD COLUMN creator_minor bigint NOT NULL DEFAULT 0,   -- paid by a creator
    ADD COLUMN creator_id bigint,                         -- who that is
    -- refunded_minor is the buyer's money; these are the other payers'
    ADD COLUMN refunded_platform_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN refunded_creator_minor bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT sale_order_amount,
    DROP CONSTRAINT sale_order_refunded,
    ADD CONSTRAINT sale_order_amount CHECK (
        amount_minor = goods_minor - discount_minor + freight_minor AND discount_minor >= 0),
    -- a provider takes no zero: the buyer pays at least one minor unit
    ADD CONSTRAINT sale_order_payers CHECK (
        platform_minor >= 0 AND creator_minor >= 0 AND platform_minor + creator_minor < amount_minor
        AND (creator_minor = 0 OR creator_id IS NOT NULL)),
    ADD CONSTRAINT sale_order_refunded CHECK (
        refunded_minor BETWEEN 0 AND amount_minor - platform_minor - creator_minor
        AND refunded_platform_minor BETWEEN 0 AND platform_minor
        AND refunded_creator_minor BETWEEN 0 AND creator_minor);
-- Versions of orders that ended pile up in the indexes by state; they are swept early, whatever the size.
ALTER TABLE sale_order SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

ALTER TABLE sale_order_line
    ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN platform_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN creator_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN offer_id bigint,                           -- the timed offer whose own stock it drew on
    ADD COLUMN offer_quantity bigint NOT NULL DEFAULT 0,  -- with so many units
    ADD COLUMN cancelled_quantity bigint NOT NULL DEFAULT 0,  -- units refunded before they were shipped
    ADD COLUMN refunded_quantity bigint NOT NULL DEFAULT 0,
    ADD COLUMN refunded_platform_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN refunded_creator_minor bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT sale_order_line_amount,
    DROP CONSTRAINT sale_order_line_refunded,
    DROP CONSTRAINT sale_order_line_shipped,
    ADD CONSTRAINT sale_order_line_shipped CHECK (
        shipped_quantity >= 0 AND cancelled_quantity >= 0
        AND shipped_quantity + cancelled_quantity <= quantity),
    ADD CONSTRAINT sale_order_line_offer CHECK (
        CASE WHEN offer_id IS NULL THEN offer_quantity = 0 ELSE offer_quantity BETWEEN 1 AND quantity END),
    ADD CONSTRAINT sale_order_line_amount CHECK (
        amount_minor = goods_minor - discount_minor + freight_minor
        AND discount_minor BETWEEN 0 AND goods_minor),
    ADD CONSTRAINT sale_order_line_payers CHECK (
        platform_minor >= 0 AND creator_minor >= 0 AND platform_minor + creator_minor <= amount_minor),
    ADD CONSTRAINT sale_order_line_refunded CHECK (
        refunded_minor BETWEEN 0 AND amount_minor - platform_minor - creator_minor
        AND refunded_platform_minor BETWEEN 0 AND platform_minor
        AND refunded_creator_minor BETWEEN 0 AND creator_minor
        AND refunded_quantity BETWEEN 0 AND quantity);
-- Until now an order was refunded whole and before anything had left.
UPDATE sale_order_line SET refunded_quantity = quantity, cancelled_quantity = quantity
WHERE refunded_minor = amount_minor;

-- Why a line costs what it costs: each rule that applied, with its amount and who pays it.
CREATE TABLE sale_order_offer (
    cell smallint NOT NULL,
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    position smallint NOT NULL,      -- in the order the rules were applied
    offer_id bigint NOT NULL,        -- of pricing; 0: a price agreed with the shop
    kind text NOT NULL,              -- timed · flash · member · n_for · coupon · free_freight · agreed
    payer text NOT NULL CONSTRAINT sale_order_offer_payer CHECK (payer IN ('shop', 'platform', 'creator')),
    amount_minor bigint NOT NULL CONSTRAINT sale_order_offer_amount CHECK (amount_minor > 0),
    title text NOT NULL DEFAULT '',
    PRIMARY KEY (cell, order_id, line, position)
);

-- What a refund gives back to whom; the refund's own amount is the buyer's.
ALTER TABLE refund
    ADD COLUMN platform_minor bigint NOT NULL DEFAULT 0 CHECK (platform_minor >= 0),
    ADD COLUMN creator_minor bigint NOT NULL DEFAULT 0 CHECK (creator_minor >= 0),
    ADD COLUMN fee_minor bigint NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),  -- fee given back to the shop
    ADD COLUMN case_id bigint;       -- the after-sale case it settles

-- What of each line a refund took: the drill-down of "refunded so far".
CREATE TABLE refund_line (
    cell smallint NOT NULL,
    refund_id bigint NOT NULL,
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),       -- units; 0: money only
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    platform_minor bigint NOT NULL CHECK (platform_minor >= 0),
    creator_minor bigint NOT NULL CHECK (creator_minor >= 0),
    PRIMARY KEY (cell, refund_id, line)
);

-- What a timed offer may still sell of a SKU, and what each buyer had of it. Offers are pricing's;
-- the order book keeps these two, under the locks of placing.
CREATE TABLE offer_stock (
    cell smallint NOT NULL,
    offer_id bigint NOT NULL,
    sku_id bigint NOT NULL,
    quota bigint NOT NULL CONSTRAINT offer_stock_quota CHECK (quota >= 0),
    taken bigint NOT NULL DEFAULT 0 CONSTRAINT offer_stock_taken CHECK (taken BETWEEN 0 AND quota),
    per_buyer bigint CHECK (per_buyer > 0),  -- NULL: as many as there are
    PRIMARY KEY (cell, offer_id, sku_id)
) WITH (fillfactor = 50);
CREATE TABLE offer_taken (
    cell smallint NOT NULL,
    offer_id bigint NOT NULL,
    sku_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (cell, offer_id, sku_id, buyer_id)
);

-- A line a coupon paid in full gives the buyer nothing back, and others something.
ALTER TABLE refund DROP CONSTRAINT refund_amount_minor_check,
    ADD CONSTRAINT refund_amount CHECK (amount_minor >= 0 AND amount_minor + platform_minor + creator_minor > 0);
