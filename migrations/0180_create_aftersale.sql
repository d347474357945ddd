-- After-sale: cases about units of an order's line, their messages, rulings and parcels. Owner: aftersale.
-- kind: refund · return · exchange · resend · price. stage: unshipped (the units have not left) · shipped.
-- deadline: when the clock acts if nobody does; NULL exactly when the case has ended.
CREATE TABLE aftersale_case (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    order_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    line smallint NOT NULL,
    sku_id bigint NOT NULL,
    quantity bigint NOT NULL,
    kind text NOT NULL CONSTRAINT aftersale_case_kind CHECK
        (kind IN ('refund', 'return', 'exchange', 'resend', 'price')),
    stage text NOT NULL CONSTRAINT aftersale_case_stage CHECK (stage IN ('unshipped', 'shipped')),
    reason text NOT NULL,
    state text NOT NULL CONSTRAINT aftersale_case_state CHECK (state IN ('asked', 'offered', 'refused',
        'returning', 'returned', 'to_send', 'sent', 'disputed', 'ruled', 'appealed', 'settled', 'closed')),
    amount_minor bigint NOT NULL CONSTRAINT aftersale_case_amount CHECK (amount_minor >= 0),
    offer_minor bigint CONSTRAINT aftersale_case_offer CHECK (offer_minor > 0),  -- the shop's, without return
    -- the buyer's money that went back; written when the case is settled
    refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    refund_id bigint,
    swap_sku_id bigint,                  -- another SKU the buyer wants in exchange; NULL: the same
    came_back text CONSTRAINT aftersale_case_came_back CHECK (came_back IN ('sellable', 'damaged')),
    return_address jsonb,                -- where the buyer sends it, as it was when the return was agreed
    evidence_until timestamptz,          -- of the running dispute: both sides may add until then
    appealed_by text CONSTRAINT aftersale_case_appealed CHECK (appealed_by IN ('buyer', 'shop')),
    claimed_by bigint,                   -- the operator who looks into it
    claimed_at timestamptz,
    deadline timestamptz,
    version integer NOT NULL DEFAULT 1,
    asked_at timestamptz NOT NULL,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT aftersale_case_cell CHECK (cell = cell_of(id)),
    CONSTRAINT aftersale_case_shop_cell CHECK (cell = cell_of(shop_id) AND cell = cell_of(order_id)),
    CONSTRAINT aftersale_case_units CHECK (
        CASE WHEN kind = 'price' THEN quantity = 0 ELSE quantity >= 1 END),
    CONSTRAINT aftersale_case_ended CHECK ((state IN ('settled', 'closed')) = (deadline IS NULL)),
    CONSTRAINT aftersale_case_refund CHECK ((refund_id IS NULL OR state = 'settled')
        AND (refunded_minor = 0 OR refund_id IS NOT NULL))
) WITH (fillfactor = 80);
-- At most one open case on a line; the confirming clock asks the same index whether an order has any.
CREATE UNIQUE INDEX aftersale_case_open ON aftersale_case (cell, order_id, line) WHERE deadline IS NOT NULL;
CREATE UNIQUE INDEX aftersale_case_price_once ON aftersale_case (cell, order_id, line)
    WHERE kind = 'price' AND state = 'settled';
CREATE INDEX aftersale_case_of_order ON aftersale_case (cell, order_id, id);
CREATE INDEX aftersale_case_of_buyer ON aftersale_case (buyer_id, id DESC);
CREATE INDEX aftersale_case_queue ON aftersale_case (cell, shop_id, deadline, id) WHERE deadline IS NOT NULL;
CREATE INDEX aftersale_case_ended ON aftersale_case (cell, shop_id, id DESC) WHERE deadline IS NULL;
CREATE INDEX aftersale_case_due ON aftersale_case (deadline, id) WHERE deadline IS NOT NULL;
CREATE INDEX aftersale_case_disputes ON aftersale_case (deadline, id) WHERE state IN ('disputed', 'appealed');

-- Every move of a case: who, when, why.
CREATE TABLE aftersale_step (
    cell smallint NOT NULL,
    case_id bigint NOT NULL,
    version integer NOT NULL,            -- of the case after the step
    state text NOT NULL,
    actor text NOT NULL CONSTRAINT aftersale_step_actor CHECK
        (actor IN ('buyer', 'shop', 'operator', 'clock', 'import')),
    actor_id bigint,
    why text NOT NULL,                   -- a code: asked, agreed, lapsed …
    text text NOT NULL DEFAULT '',       -- what the person gave as the reason
    amount_minor bigint,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, case_id, version)
);

-- What the sides told each other, with pictures nobody else sees.
CREATE TABLE aftersale_message (
    cell smallint NOT NULL,
    case_id bigint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    side text NOT NULL CONSTRAINT aftersale_message_side CHECK (side IN ('buyer', 'shop', 'operator')),
    account_id bigint NOT NULL,
    text text NOT NULL DEFAULT '' CONSTRAINT aftersale_message_text CHECK (length(text) <= 1000),
    pictures bigint[] NOT NULL DEFAULT '{}' CONSTRAINT aftersale_message_pictures CHECK (cardinality(pictures) <= 9),
    said_at timestamptz NOT NULL,
    PRIMARY KEY (cell, case_id, position),
    CONSTRAINT aftersale_message_something CHECK (text <> '' OR cardinality(pictures) > 0)
);

-- What an operator decided, round by round: 1, and 2 after an appeal. operator_id NULL: the clock.
CREATE TABLE aftersale_ruling (
    cell smallint NOT NULL,
    case_id bigint NOT NULL,
    round smallint NOT NULL CONSTRAINT aftersale_ruling_round CHECK (round IN (1, 2)),
    operator_id bigint,
    decision text NOT NULL CONSTRAINT aftersale_ruling_decision CHECK (decision IN ('buyer', 'part', 'shop')),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    goods_back boolean NOT NULL,
    rule_code text NOT NULL,
    rule_version integer NOT NULL,
    reasons text NOT NULL CONSTRAINT aftersale_ruling_reasons CHECK (length(reasons) BETWEEN 1 AND 2000),
    ruled_at timestamptz NOT NULL,
    PRIMARY KEY (cell, case_id, round),
    CONSTRAINT aftersale_ruling_shop CHECK (decision <> 'shop' OR (amount_minor = 0 AND NOT goods_back))
);

-- Parcels of a case: back to the shop, or out again as a replacement.
CREATE TABLE aftersale_parcel (
    cell smallint NOT NULL,
    case_id bigint NOT NULL,
    direction text NOT NULL CONSTRAINT aftersale_parcel_direction CHECK (direction IN ('back', 'out')),
    carrier text NOT NULL,
    waybill text NOT NULL,
    sku_id bigint,                       -- what lies in a replacement
    quantity bigint NOT NULL CHECK (quantity > 0),
    actor_id bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    received_at timestamptz,
    PRIMARY KEY (cell, case_id, direction)
);

-- Where goods go that a shop takes back.
CREATE TABLE shop_return_address (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    receiver text NOT NULL CONSTRAINT shop_return_address_receiver CHECK (length(receiver) BETWEEN 1 AND 60),
    phone text NOT NULL CONSTRAINT shop_return_address_phone CHECK (length(phone) BETWEEN 5 AND 30),
    address text NOT NULL CONSTRAINT shop_return_address_text CHECK (length(address) BETWEEN 1 AND 300),
    updated_by bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (cell, shop_id),
    CONSTRAINT shop_return_address_cell CHECK (cell = cell_of(shop_id))
);

-- Other terms than the market's for a category; a category without a row has the market's.
CREATE TABLE aftersale_term (
    category_id integer PRIMARY KEY,
    window_days integer NOT NULL CHECK (window_days BETWEEN 0 AND 365),        -- after completion
    change_mind_days integer NOT NULL CHECK (change_mind_days BETWEEN 0 AND 365),  -- 0: no return without a reason
    price_days integer NOT NULL CHECK (price_days BETWEEN 0 AND 90)            -- 0: no price protection
);
