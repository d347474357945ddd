-- Care of goods: audit before sale, versions of products, batch edits by spreadsheet. Owner: catalogue.

ALTER TABLE product DROP CONSTRAINT product_state,
    ADD CONSTRAINT product_state CHECK (state IN ('draft', 'in_audit', 'listed', 'delisted'));

-- Every change of a product; the first row of one is how it was found. number: 1, 2, 3 … per product.
CREATE TABLE product_version (
    cell smallint NOT NULL,
    product_id bigint NOT NULL,
    number integer NOT NULL CONSTRAINT product_version_number CHECK (number > 0),
    shop_id bigint NOT NULL,
    version integer NOT NULL,                  -- product.version it led to
    state text NOT NULL,
    snapshot jsonb NOT NULL,                   -- the product as it then stood, SKUs included
    changes jsonb NOT NULL,                    -- [{"field", "sku", "old", "new"}], against the row before
    cause text NOT NULL CONSTRAINT product_version_cause CHECK (cause IN
        ('found', 'written', 'edited', 'listed', 'delisted', 'table', 'sheet', 'undone', 'restored', 'audited')),
    actor_id bigint,                           -- NULL: nobody by hand
    sheet_id bigint,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, product_id, number),
    CONSTRAINT product_version_cell CHECK (cell = cell_of(product_id))
);
CREATE INDEX product_version_listed ON product_version (cell, product_id, number DESC) WHERE state = 'listed';

-- Reference: what the automatic rules measure by. One row; operators change it.
CREATE TABLE goods_policy (
    one boolean PRIMARY KEY DEFAULT true CONSTRAINT goods_policy_one CHECK (one),
    is_on boolean NOT NULL DEFAULT true,       -- false: goods go on sale without rules and people
    picture_side_min smallint NOT NULL DEFAULT 300 CHECK (picture_side_min BETWEEN 0 AND 4000),
    picture_shops_max smallint NOT NULL DEFAULT 3 CHECK (picture_shops_max BETWEEN 1 AND 1000),
    jump_low_bp integer NOT NULL DEFAULT 3000 CHECK (jump_low_bp BETWEEN 0 AND 10000),
    jump_high_bp integer NOT NULL DEFAULT 30000 CHECK (jump_high_bp >= 10000),
    median_low_bp integer NOT NULL DEFAULT 3000 CHECK (median_low_bp BETWEEN 0 AND 10000),
    median_high_bp integer NOT NULL DEFAULT 30000 CHECK (median_high_bp >= 10000),
    words_version integer NOT NULL DEFAULT 1   -- grows with every change of goods_word
);
INSERT INTO goods_policy DEFAULT VALUES;

-- Reference: the market's own words, over those that are shipped. level off: a shipped word that is let pass.
CREATE TABLE goods_word (
    word text PRIMARY KEY CONSTRAINT goods_word_length CHECK (length(word) BETWEEN 2 AND 60),
    level text NOT NULL CONSTRAINT goods_word_level CHECK (level IN ('block', 'look', 'off')),
    added_by bigint NOT NULL,
    added_at timestamptz NOT NULL
);

-- What people look at before it is sold: a new product (kind new), or an edit while the former is on sale.
CREATE TABLE product_audit (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    product_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT product_audit_kind CHECK (kind IN ('new', 'edit')),
    state text NOT NULL CONSTRAINT product_audit_state
        CHECK (state IN ('open', 'approved', 'refused', 'withdrawn')),
    findings jsonb NOT NULL,                   -- [{"code", "field", "facts"}]
    rules_version text NOT NULL,
    former jsonb,                              -- as it was last on sale; NULL: never
    target jsonb NOT NULL,                     -- as it shall be sold
    changes jsonb NOT NULL,                    -- edit: what to write when it is approved
    version integer NOT NULL,                  -- product.version it was asked over
    source text NOT NULL CONSTRAINT product_audit_source CHECK (source IN ('list', 'edit', 'table', 'sheet', 'restore')),
    asked_by bigint,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    claimed_by bigint,
    claimed_at timestamptz,
    decided_by bigint,
    decided_at timestamptz,
    reasons jsonb NOT NULL DEFAULT '[]',       -- [{"field", "code"}]
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (cell, id),
    CONSTRAINT product_audit_cell CHECK (cell = cell_of(id)),
    CONSTRAINT product_audit_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT product_audit_decided CHECK ((state IN ('approved', 'refused')) = (decided_by IS NOT NULL))
);
CREATE UNIQUE INDEX product_audit_open ON product_audit (cell, product_id) WHERE state = 'open';
CREATE INDEX product_audit_queue ON product_audit (asked_at, id) WHERE state = 'open';
CREATE INDEX product_audit_decided_newest ON product_audit (decided_at DESC, id DESC) WHERE decided_at IS NOT NULL;
CREATE INDEX product_audit_by_product ON product_audit (cell, product_id, id DESC);

-- A picture another shop uploaded is known by its hash.
CREATE INDEX media_by_hash ON media (sha256);

-- One upload of a spreadsheet. counts: rows by state.
CREATE TABLE goods_sheet (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    name text NOT NULL,                        -- of the file, as given
    state text NOT NULL CONSTRAINT goods_sheet_state CHECK (state IN
        ('checked', 'applying', 'applied', 'refused', 'undoing', 'undone', 'dropped')),
    is_whole boolean NOT NULL DEFAULT false,   -- all rows or none
    rows_total integer NOT NULL,
    rows_good integer NOT NULL,                -- when it was checked
    rows_wrong integer NOT NULL,
    rows_same integer NOT NULL,
    rows_done integer NOT NULL DEFAULT 0,      -- looked at so far, while applying or undoing
    strange text[] NOT NULL DEFAULT '{}',      -- columns nobody knows
    uploaded_by bigint NOT NULL,
    uploaded_at timestamptz NOT NULL,
    confirmed_by bigint,
    confirmed_at timestamptz,
    applied_at timestamptz,
    undone_by bigint,
    undone_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT goods_sheet_cell CHECK (cell = cell_of(id)),
    CONSTRAINT goods_sheet_shop_cell CHECK (cell = cell_of(shop_id))
);
CREATE INDEX goods_sheet_by_shop ON goods_sheet (cell, shop_id, id DESC);
CREATE INDEX goods_sheet_working ON goods_sheet (id) WHERE state IN ('applying', 'undoing');

-- One row of it. wanted, seen, before: {"field": value}; problems: [{"column", "code", "facts"}]
CREATE TABLE goods_sheet_row (
    cell smallint NOT NULL,
    sheet_id bigint NOT NULL,
    row integer NOT NULL,                      -- as the spreadsheet counts them
    product_id bigint,
    sku_id bigint,
    state text NOT NULL CONSTRAINT goods_sheet_row_state CHECK (state IN
        ('good', 'wrong', 'same', 'applied', 'waiting', 'refused', 'undone', 'kept')),
    typed jsonb NOT NULL,
    wanted jsonb NOT NULL,
    seen jsonb NOT NULL,
    before jsonb,                              -- what was overwritten
    problems jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (cell, sheet_id, row)
);
CREATE INDEX goods_sheet_row_state ON goods_sheet_row (cell, sheet_id, state, product_id, row);
