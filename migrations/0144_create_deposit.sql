-- Deposits of shops: what is asked, what came and went. Owner: deposits. The money stands in the ledger.

-- Reference: what a kind of shop leaves as a deposit; '' stands for any goods, a code for a category.
CREATE TABLE deposit_requirement (
    category_code text NOT NULL,
    kind text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT deposit_requirement_amount CHECK (amount_minor >= 0),
    PRIMARY KEY (category_code, kind)
);
INSERT INTO deposit_requirement (category_code, kind, amount_minor) VALUES
    ('', 'individual', 50000), ('', 'second_hand', 50000), ('', 'business', 100000), ('', 'flagship', 500000),
    ('fb', 'business', 200000), ('hb', 'business', 200000), ('el', 'business', 500000),
    ('fb', 'flagship', 1000000), ('hb', 'flagship', 1000000), ('el', 'flagship', 1000000),
    ('fb', 'individual', 100000), ('el', 'individual', 100000), ('el', 'second_hand', 100000);

CREATE TABLE deposit (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    required_minor bigint NOT NULL DEFAULT 0 CHECK (required_minor >= 0),
    held_minor bigint NOT NULL DEFAULT 0 CONSTRAINT deposit_held CHECK (held_minor >= 0),
    due_at timestamptz,                        -- what lacks is to be paid by then; NULL: nothing lacks
    return_due_at timestamptz,                 -- of a closed shop: goes back from then on
    returned_at timestamptz,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (cell, shop_id),
    CONSTRAINT deposit_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT deposit_asked CHECK ((due_at IS NOT NULL) = (held_minor < required_minor))
);
CREATE INDEX deposit_due ON deposit (due_at, shop_id) WHERE due_at IS NOT NULL;
CREATE INDEX deposit_returning ON deposit (return_due_at, shop_id)
    WHERE return_due_at IS NOT NULL AND returned_at IS NULL;

-- bank: a transfer an operator saw arrive · payable: from the shop's earnings · penalty, penalty_back: by a
-- case · return: given back after closing
CREATE TABLE deposit_move (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT deposit_move_kind
        CHECK (kind IN ('bank', 'payable', 'penalty', 'penalty_back', 'return')),
    amount_minor bigint NOT NULL CONSTRAINT deposit_move_amount CHECK (amount_minor <> 0),  -- + came, - went
    subject_id bigint NOT NULL,                -- the case, or the move itself
    reference text NOT NULL DEFAULT '',        -- of the bank
    paper_id bigint,
    actor_id bigint,
    note text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT deposit_move_cell CHECK (cell = cell_of(id)),
    CONSTRAINT deposit_move_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT deposit_move_bank CHECK (kind <> 'bank' OR (reference <> '' AND paper_id IS NOT NULL)),
    CONSTRAINT deposit_move_sign CHECK ((amount_minor < 0) = (kind IN ('penalty', 'return')))
);
CREATE INDEX deposit_move_by_shop ON deposit_move (cell, shop_id, id DESC);

-- Directory: a bank's reference is taken once in the whole market; its cell is computed from it.
CREATE TABLE bank_receipt (
    cell smallint NOT NULL,
    reference text NOT NULL,
    shop_id bigint NOT NULL,
    move_id bigint NOT NULL,
    PRIMARY KEY (cell, reference)
);
