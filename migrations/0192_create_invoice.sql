-- Invoices: what buyers ask of shops, and what shops issue. Owner: invoices.

-- A buyer's saved titles, in the buyer's cell.
CREATE TABLE invoice_title (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT invoice_title_kind CHECK (kind IN ('person', 'company')),
    name text NOT NULL,
    tax_number text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT invoice_title_cell CHECK (cell = cell_of(id)),
    CONSTRAINT invoice_title_once UNIQUE (cell, account_id, kind, name, tax_number),
    CONSTRAINT invoice_title_company CHECK (kind <> 'company' OR tax_number <> '')
);

-- kind: blue, or red: the correction of a blue one after a refund, its amount negative.
-- state: asked → issued | refused (by the shop) | cancelled (by the buyer, or nothing left to invoice)
CREATE TABLE invoice (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    order_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT invoice_kind CHECK (kind IN ('blue', 'red')),
    corrects_id bigint,                        -- red: the blue one
    refund_id bigint,                          -- red: the refund it follows
    state text NOT NULL CONSTRAINT invoice_state CHECK (state IN ('asked', 'issued', 'refused', 'cancelled')),
    title_kind text NOT NULL CONSTRAINT invoice_title_of CHECK (title_kind IN ('person', 'company')),
    title text NOT NULL,
    tax_number text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    amount_minor bigint,                       -- blue: frozen when issued; red: known from the start
    form text NOT NULL DEFAULT '' CONSTRAINT invoice_form CHECK (form IN ('', 'tax', 'receipt')),
    number text NOT NULL DEFAULT '',           -- of the tax invoice
    why text NOT NULL DEFAULT '',
    file_sha256 bytea,
    file_type text,
    file_bytes integer,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    remind_at timestamptz,                     -- next reminder to the shop; NULL: none to come
    ended_at timestamptz,
    issued_by bigint,
    PRIMARY KEY (cell, id),
    CONSTRAINT invoice_cell CHECK (cell = cell_of(id)),
    CONSTRAINT invoice_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT invoice_amount CHECK (CASE kind WHEN 'blue' THEN state <> 'issued' OR amount_minor > 0
        ELSE amount_minor < 0 END),
    CONSTRAINT invoice_red CHECK ((kind = 'red') = (corrects_id IS NOT NULL AND refund_id IS NOT NULL)),
    CONSTRAINT invoice_issued CHECK ((state = 'issued') = (file_sha256 IS NOT NULL AND form <> '' AND issued_by IS NOT NULL)),
    CONSTRAINT invoice_company CHECK (title_kind <> 'company' OR tax_number <> ''),
    CONSTRAINT invoice_ended CHECK ((state = 'asked') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX invoice_once ON invoice (cell, order_id) WHERE kind = 'blue' AND state IN ('asked', 'issued');
CREATE UNIQUE INDEX invoice_red_once ON invoice (cell, refund_id) WHERE kind = 'red';
CREATE INDEX invoice_by_order ON invoice (cell, order_id, id);
CREATE INDEX invoice_by_shop ON invoice (cell, shop_id, id DESC);
CREATE INDEX invoice_waiting ON invoice (cell, shop_id, due_at, id) WHERE state = 'asked';
CREATE INDEX invoice_by_buyer ON invoice (buyer_id, id DESC);
CREATE INDEX invoice_reminding ON invoice (remind_at, id) WHERE remind_at IS NOT NULL;
