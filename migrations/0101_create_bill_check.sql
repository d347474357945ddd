-- Providers' bills compared with the books: one check per bill file, its differences by name. Owner:
-- payments. All in cell 0: a bill spans cells.
CREATE TABLE bill_check (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    provider text NOT NULL,
    day date NOT NULL,
    zone text NOT NULL,               -- the day is a day there
    file_name text NOT NULL,
    digest text NOT NULL,             -- SHA-256 of the file
    operator_id bigint,               -- NULL: from the command line
    checked_at timestamptz NOT NULL,
    their_payments integer NOT NULL DEFAULT 0,
    their_refunds integer NOT NULL DEFAULT 0,
    their_paid_minor bigint NOT NULL DEFAULT 0,
    their_refunded_minor bigint NOT NULL DEFAULT 0,
    their_fee_minor bigint NOT NULL DEFAULT 0,
    our_payments integer NOT NULL DEFAULT 0,
    our_refunds integer NOT NULL DEFAULT 0,
    our_paid_minor bigint NOT NULL DEFAULT 0,
    our_refunded_minor bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (cell, id),
    CONSTRAINT bill_check_cell CHECK (cell = 0 AND cell_of(id) = 0),
    CONSTRAINT bill_check_once UNIQUE (cell, provider, day, digest)
);
CREATE INDEX bill_check_newest ON bill_check (id DESC);

-- state: open → explained by an operator · gone (a later look, or a later bill, no longer has it);
-- noted needs nobody
CREATE TABLE bill_difference (
    cell smallint NOT NULL,
    check_id bigint NOT NULL,
    position integer NOT NULL,        -- within its check
    kind text NOT NULL CONSTRAINT bill_difference_kind CHECK (kind IN ('missing_ours', 'missing_theirs',
        'amount_differs', 'state_differs', 'day_differs', 'twice', 'total', 'other', 'fee')),
    what text NOT NULL CONSTRAINT bill_difference_what CHECK (what IN ('payment', 'refund', 'bill')),
    number text NOT NULL,             -- our number as the bill has it, else ours
    subject_id bigint,                -- payment or refund at ours; NULL: there is none
    provider_ref text NOT NULL DEFAULT '',
    their_minor bigint NOT NULL DEFAULT 0,
    our_minor bigint NOT NULL DEFAULT 0,
    our_state text NOT NULL DEFAULT '',
    line integer,                     -- of the file; NULL: it is not in the file
    state text NOT NULL CONSTRAINT bill_difference_state CHECK (state IN ('open', 'explained', 'gone', 'noted')),
    note text NOT NULL DEFAULT '',
    operator_id bigint,
    ended_at timestamptz,
    PRIMARY KEY (cell, check_id, position),
    CONSTRAINT bill_difference_cell CHECK (cell = 0 AND cell_of(check_id) = 0),
    CONSTRAINT bill_difference_once UNIQUE (cell, check_id, kind, what, number),
    CONSTRAINT bill_difference_explained CHECK ((state = 'explained') = (note <> ''))
);
CREATE INDEX bill_difference_open ON bill_difference (check_id DESC, position) WHERE state = 'open';
CREATE INDEX bill_difference_missing ON bill_difference (what, number)
    WHERE state = 'open' AND kind = 'missing_theirs';
