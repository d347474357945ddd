-- The order book: goods, stock, orders, payments, ledger, parcels. Every table lies in one cell.

-- catalogue ---------------------------------------------------------------------------------
CREATE TABLE product (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    category_id integer NOT NULL,
    state text NOT NULL CONSTRAINT product_state CHECK (state IN ('draft', 'listed', 'delisted')),
    title text NOT NULL CONSTRAINT product_title CHECK (length(title) BETWEEN 1 AND 200),
    title_en text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    brand text NOT NULL DEFAULT '',
    -- [{"name": "Colour", "values": ["red", "blue"]}], at most three
    attributes jsonb NOT NULL DEFAULT '[]',
    -- [{"media_id": "…"} | {"art": "kiwi", "tint": "b"}], first is the cover
    pictures jsonb NOT NULL DEFAULT '[]',
    price_from_minor bigint NOT NULL DEFAULT 0,
    price_to_minor bigint NOT NULL DEFAULT 0,
    sold_count bigint NOT NULL DEFAULT 0,
    external_id text,
    version integer NOT NULL DEFAULT 1,
    search tsvector,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    listed_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT product_cell CHECK (cell = cell_of(id)),
    CONSTRAINT product_shop_cell CHECK (cell = cell_of(shop_id))
);
CREATE INDEX product_by_shop ON product (cell, shop_id, state, id DESC);
CREATE INDEX product_by_category ON product (category_id, id DESC) WHERE state = 'listed';
CREATE INDEX product_newest ON product (id DESC) WHERE state = 'listed';
CREATE INDEX product_search ON product USING gin (search) WHERE state = 'listed';

CREATE TABLE sku (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    code text NOT NULL DEFAULT '',
    options text[] NOT NULL DEFAULT '{}',  -- one value per attribute of the product, same order
    price_minor bigint NOT NULL CONSTRAINT sku_price CHECK (price_minor BETWEEN 1 AND 1000000000),
    list_price_minor bigint CONSTRAINT sku_list_price CHECK (list_price_minor > 0),
    weight_grams integer NOT NULL DEFAULT 0 CHECK (weight_grams >= 0),
    on_sale boolean NOT NULL DEFAULT true,  -- false: product not listed, or this SKU taken off
    position smallint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT sku_cell CHECK (cell = cell_of(id)),
    CONSTRAINT sku_options UNIQUE (cell, product_id, options)
);
CREATE INDEX sku_by_product ON sku (cell, product_id, position);
CREATE INDEX sku_by_code ON sku (cell, shop_id, code) WHERE code <> '';

-- stock -------------------------------------------------------------------------------------
CREATE TABLE warehouse (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT warehouse_cell CHECK (cell = cell_of(id))
);
CREATE UNIQUE INDEX warehouse_default ON warehouse (cell, shop_id) WHERE is_default;
CREATE INDEX warehouse_by_shop ON warehouse (cell, shop_id);

-- received = on_hand + held + sold + lost, always
CREATE TABLE stock (
    cell smallint NOT NULL,
    sku_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    on_hand bigint NOT NULL DEFAULT 0 CONSTRAINT stock_on_hand CHECK (on_hand >= 0),
    held bigint NOT NULL DEFAULT 0 CONSTRAINT stock_held CHECK (held >= 0),
    sold bigint NOT NULL DEFAULT 0 CONSTRAINT stock_sold CHECK (sold >= 0),
    lost bigint NOT NULL DEFAULT 0 CONSTRAINT stock_lost CHECK (lost >= 0),
    received bigint NOT NULL DEFAULT 0 CONSTRAINT stock_received CHECK (received >= 0),
    PRIMARY KEY (cell, sku_id, warehouse_id),
    CONSTRAINT stock_adds_up CHECK (received = on_hand + held + sold + lost)
) WITH (fillfactor = 50);
CREATE INDEX stock_by_shop ON stock (cell, shop_id);

-- kind: receive (+on_hand +received) · hold (on_hand→held) · release (held→on_hand) · sell (held→sold)
--       return (sold→on_hand) · lose (on_hand→lost) · take_out (−on_hand −received)
CREATE TABLE stock_move (
    cell smallint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    sku_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT stock_move_kind CHECK
        (kind IN ('receive', 'hold', 'release', 'sell', 'return', 'lose', 'take_out')),
    quantity bigint NOT NULL CONSTRAINT stock_move_quantity CHECK (quantity > 0),
    order_id bigint,  -- set for hold, release, sell, return
    actor_id bigint,
    why text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, sku_id, position)
);

-- What an unpaid order keeps from others until it is paid or lapses.
CREATE TABLE stock_hold (
    cell smallint NOT NULL,
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    sku_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (cell, order_id, line)
);

-- orders ------------------------------------------------------------------------------------
-- One tap on "place order": lies in the buyer's cell, holds the first answer for a repeated key.
CREATE TABLE checkout (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    order_ids bigint[] NOT NULL,
    payment_id bigint NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    placed_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT checkout_cell CHECK (cell = cell_of(id)),
    CONSTRAINT checkout_key UNIQUE (cell, buyer_id, idempotency_key)
);

-- state: 10 unpaid · 20 to_ship · 21 part_shipped · 30 shipped · 100 completed · 200 refunded
--        · 250 cancelled (12 gift_waiting and 13 group_waiting come with gifts and group purchases)
CREATE TABLE sale_order (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    checkout_id bigint NOT NULL,
    payment_id bigint NOT NULL,
    state smallint NOT NULL CONSTRAINT sale_order_state CHECK
        (state IN (10, 12, 13, 20, 21, 30, 100, 200, 250)),
    goods_minor bigint NOT NULL CHECK (goods_minor > 0),
    freight_minor bigint NOT NULL CHECK (freight_minor >= 0),
    amount_minor bigint NOT NULL,
    fee_bp integer NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000),
    fee_minor bigint NOT NULL DEFAULT 0,       -- set on completion
    refunded_minor bigint NOT NULL DEFAULT 0,
    address jsonb NOT NULL,                    -- snapshot; source: places
    note text NOT NULL DEFAULT '',
    channel text NOT NULL DEFAULT 'direct',
    placed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,           -- unpaid from here on is too late
    paid_at timestamptz,
    ship_by timestamptz,
    shipped_at timestamptz,
    confirm_by timestamptz,                    -- the clock confirms receipt here
    closed_at timestamptz,                     -- completed, refunded or cancelled
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (cell, id),
    CONSTRAINT sale_order_cell CHECK (cell = cell_of(id)),
    CONSTRAINT sale_order_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT sale_order_amount CHECK (amount_minor = goods_minor + freight_minor),
    CONSTRAINT sale_order_refunded CHECK (refunded_minor BETWEEN 0 AND amount_minor)
) WITH (fillfactor = 80);
-- A state change writes every index anew, so there are few: to ship is listed by deadline
-- (sale_order_shipping), completed by going through the newest, the rarer states by this one.
CREATE INDEX sale_order_by_state ON sale_order (cell, shop_id, state, id DESC)
    WHERE state NOT IN (20, 21, 100);
CREATE INDEX sale_order_by_shop ON sale_order (cell, shop_id, id DESC);
CREATE INDEX sale_order_by_buyer ON sale_order (buyer_id, id DESC);
CREATE INDEX sale_order_lapsing ON sale_order (expires_at, id) WHERE state = 10;
CREATE INDEX sale_order_confirming ON sale_order (confirm_by, id) WHERE state = 30;
CREATE INDEX sale_order_shipping ON sale_order (cell, shop_id, ship_by, id) WHERE state IN (20, 21);

CREATE TABLE sale_order_line (
    cell smallint NOT NULL,
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    sku_id bigint NOT NULL,
    product_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    quantity bigint NOT NULL CONSTRAINT sale_order_line_quantity CHECK (quantity BETWEEN 1 AND 9999),
    price_minor bigint NOT NULL,
    goods_minor bigint NOT NULL,
    freight_minor bigint NOT NULL,   -- the line's part of the order's freight
    amount_minor bigint NOT NULL,    -- units: kit.money.split(amount_minor, [1] * quantity)
    refunded_minor bigint NOT NULL DEFAULT 0,
    shipped_quantity bigint NOT NULL DEFAULT 0,
    title text NOT NULL,             -- as bought
    options text[] NOT NULL DEFAULT '{}',
    picture jsonb,
    PRIMARY KEY (cell, order_id, line),
    CONSTRAINT sale_order_line_goods CHECK (goods_minor = price_minor * quantity),
    CONSTRAINT sale_order_line_amount CHECK (amount_minor = goods_minor + freight_minor),
    CONSTRAINT sale_order_line_refunded CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT sale_order_line_shipped CHECK (shipped_quantity BETWEEN 0 AND quantity)
) WITH (fillfactor = 85);

-- Every state change: who, when, why.
CREATE TABLE sale_order_step (
    cell smallint NOT NULL,
    order_id bigint NOT NULL,
    version integer NOT NULL,        -- of the order after the step
    state smallint NOT NULL,
    actor text NOT NULL CHECK (actor IN ('buyer', 'shop', 'operator', 'clock', 'provider', 'import')),
    actor_id bigint,
    why text NOT NULL DEFAULT '',    -- a code: placed, paid, late_paid, lapsed, …
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, order_id, version)
);

-- payments ----------------------------------------------------------------------------------
-- Lies in the buyer's cell. state: open · paid · closed (lapsed or cancelled before money came)
CREATE TABLE payment (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    checkout_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    provider text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    state text NOT NULL CONSTRAINT payment_state CHECK (state IN ('open', 'paid', 'closed')),
    order_ids bigint[] NOT NULL,
    order_amounts bigint[] NOT NULL,  -- same order as order_ids, sums to amount_minor
    provider_ref text,
    pay_url text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    asked_at timestamptz,             -- first asked the provider for a pay page
    paid_at timestamptz,
    -- ask the provider then what became of it; NULL: never asked, or its last word is known
    check_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT payment_cell CHECK (cell = cell_of(id)),
    CONSTRAINT payment_paid CHECK ((state = 'paid') = (paid_at IS NOT NULL))
) WITH (fillfactor = 80);
-- The state is not named here: recording a payment then touches no index.
CREATE INDEX payment_checking ON payment (check_at, id) WHERE check_at IS NOT NULL;

-- What of a payment reached one order; in the order's cell.
CREATE TABLE payment_part (
    cell smallint NOT NULL,
    order_id bigint NOT NULL,
    payment_id bigint NOT NULL,
    provider text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    refunded_minor bigint NOT NULL DEFAULT 0,
    -- applied: paid an order · late_applied: order was lapsed and revived · returned: sent back
    outcome text NOT NULL CHECK (outcome IN ('applied', 'late_applied', 'returned')),
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (cell, order_id, payment_id),
    CONSTRAINT payment_part_refunded CHECK (refunded_minor BETWEEN 0 AND amount_minor)
);

-- Every piece of news a provider brought, taken or not.
CREATE TABLE payment_callback (
    cell smallint NOT NULL,           -- of the payment; 0 when there is no such payment
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    payment_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    verdict text NOT NULL,            -- recorded · repeat · wrong_amount · unknown · closed …
    received_at timestamptz NOT NULL,
    PRIMARY KEY (cell, provider, event_id)
);
CREATE INDEX payment_callback_newest ON payment_callback (received_at DESC);

-- state: asked → sent → confirmed | failed (a failed one is sent again by an operator)
CREATE TABLE refund (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    order_id bigint NOT NULL,
    payment_id bigint NOT NULL,
    provider text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    state text NOT NULL CONSTRAINT refund_state CHECK (state IN ('asked', 'sent', 'confirmed', 'failed')),
    why text NOT NULL,
    provider_ref text,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    retry_at timestamptz,
    asked_at timestamptz NOT NULL,
    sent_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT refund_cell CHECK (cell = cell_of(id))
);
CREATE INDEX refund_by_order ON refund (cell, order_id);
CREATE INDEX refund_open ON refund (retry_at, id) WHERE state IN ('asked', 'sent');

-- ledger ------------------------------------------------------------------------------------
-- kind and party as in docs/money; totals only grow. balance = debit_minor - credit_minor.
CREATE TABLE ledger_account (
    cell smallint NOT NULL,
    kind text NOT NULL,
    party_id bigint NOT NULL DEFAULT 0,  -- shop, creator …; 0 for the platform's own
    debit_minor bigint NOT NULL DEFAULT 0 CHECK (debit_minor >= 0),
    credit_minor bigint NOT NULL DEFAULT 0 CHECK (credit_minor >= 0),
    -- ledger_post, the only writer, refuses to let money owed to others fall below nothing. A CHECK
    -- cannot: it would judge the row proposed by an insert-or-add before the addition.
    PRIMARY KEY (cell, kind, party_id)
) WITH (fillfactor = 40);

CREATE SEQUENCE ledger_transfer_id;  -- no cache: statements list by it, so it must follow time
CREATE TABLE ledger_transfer (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,               -- pay · late_pay · complete · refund · refund_paid …
    order_id bigint NOT NULL,
    subject_id bigint NOT NULL,       -- payment, refund …; the order itself on completion
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT ledger_transfer_once UNIQUE (cell, order_id, kind, subject_id)
);

CREATE TABLE ledger_posting (
    cell smallint NOT NULL,
    transfer_id bigint NOT NULL,
    posting smallint NOT NULL,
    kind text NOT NULL,
    party_id bigint NOT NULL DEFAULT 0,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),  -- debit positive, credit negative
    PRIMARY KEY (cell, transfer_id, posting)
);
CREATE INDEX ledger_posting_by_account ON ledger_posting (cell, kind, party_id, transfer_id DESC);

-- fulfilment --------------------------------------------------------------------------------
CREATE TABLE parcel (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    order_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    carrier text NOT NULL,            -- code of the carrier; 'self' when the shop brings it
    waybill text NOT NULL,
    shipped_at timestamptz NOT NULL,
    actor_id bigint,
    PRIMARY KEY (cell, id),
    CONSTRAINT parcel_cell CHECK (cell = cell_of(id))
);
CREATE INDEX parcel_by_order ON parcel (cell, order_id);

CREATE TABLE parcel_line (
    cell smallint NOT NULL,
    parcel_id bigint NOT NULL,
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (cell, parcel_id, line)
);
