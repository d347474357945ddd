-- Imports from other platforms. Owner: imports. Rows lie in the cell computed from the external id.

CREATE TABLE import_run (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    source text NOT NULL CONSTRAINT import_run_source CHECK (source IN ('shopify', 'olist')),
    shop_id bigint,                   -- shopify: whose catalogue it is
    origin text NOT NULL,             -- the files or folder as given
    state text NOT NULL CONSTRAINT import_run_state CHECK (state IN ('running', 'done', 'failed')),
    counters jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT import_run_cell CHECK (cell = cell_of(id)),
    CONSTRAINT import_run_ended CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX import_run_newest ON import_run (id DESC);

-- The directory: what a thing of another platform became here. A re-run finds it and adds nothing.
CREATE TABLE import_source (
    cell smallint NOT NULL,           -- of kind and external_id: jishi.kit.ids.cell_for
    kind text NOT NULL,               -- olist.person, olist.seller, olist.product, shopify.product …
    external_id text NOT NULL,
    jishi_id bigint NOT NULL,
    run_id bigint NOT NULL,
    PRIMARY KEY (cell, kind, external_id)
);
CREATE INDEX import_source_by_id ON import_source (jishi_id);

-- Every order of another platform that was taken in, whether or not it could be placed.
CREATE TABLE import_order (
    cell smallint NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    run_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    external_status text NOT NULL,
    purchased_at timestamptz NOT NULL,
    checkout_id bigint,               -- NULL: recorded only
    order_ids bigint[] NOT NULL DEFAULT '{}',
    payments_minor bigint NOT NULL,   -- sum of its import_payment rows
    booked_minor bigint NOT NULL,     -- what the ledger took in for it
    -- what was paid elsewhere and is in no order here: interest, vouchers, unplaced orders
    difference_minor bigint GENERATED ALWAYS AS (payments_minor - booked_minor) STORED,
    oddities text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (cell, source, external_id),
    CONSTRAINT import_order_recorded CHECK
        ((checkout_id IS NULL) = (cardinality(order_ids) = 0)),
    CONSTRAINT import_order_booked CHECK (checkout_id IS NOT NULL OR booked_minor = 0)
);

CREATE TABLE import_payment (
    cell smallint NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,        -- of the order
    position integer NOT NULL,
    kind text NOT NULL,               -- credit_card, boleto …
    installments integer NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT import_payment_amount CHECK (amount_minor >= 0),
    PRIMARY KEY (cell, source, external_id, position)
);

-- What has no place here, with the reason: orders without items, pictures not fetched …
CREATE TABLE import_leftover (
    cell smallint NOT NULL,
    kind text NOT NULL,
    external_id text NOT NULL,
    run_id bigint NOT NULL,
    why text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (cell, kind, external_id)
);
CREATE INDEX import_leftover_by_run ON import_leftover (run_id, kind);
