-- Applications of shops and the numbers their approvals rest on. Owner: shops.

-- One row per application, changed in place until it is decided; every change is a step.
CREATE TABLE shop_application (
    cell smallint NOT NULL,                    -- the shop's
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    applicant_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT shop_application_kind
        CHECK (kind IN ('individual', 'second_hand', 'business', 'flagship')),
    state text NOT NULL CONSTRAINT shop_application_state
        CHECK (state IN ('draft', 'submitted', 'under_review', 'approved', 'sent_back', 'withdrawn')),
    real_name text NOT NULL DEFAULT '',
    id_number_masked text NOT NULL DEFAULT '', -- 110101********1234
    id_number_hash bytea,                      -- keyed hash; the number itself is not kept
    company_name text NOT NULL DEFAULT '',
    registration_number text NOT NULL DEFAULT '',  -- GB 32100
    legal_person text NOT NULL DEFAULT '',
    licence_paper_id bigint,
    licence_until date,                        -- NULL: without end
    brand text NOT NULL DEFAULT '',
    trademark_number text NOT NULL DEFAULT '',
    authorisation_paper_id bigint,
    authorisation_from date,
    authorisation_until date,
    findings jsonb NOT NULL DEFAULT '[]',      -- of the automatic checks: [{"field", "code"}]
    problems jsonb NOT NULL DEFAULT '[]',      -- why it was sent back: [{"field", "code"}]
    note text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    submitted_at timestamptz,
    due_at timestamptz,                        -- two working days after submitting
    claimed_by bigint,
    claimed_at timestamptz,
    decided_by bigint,                         -- NULL: by the automatic checks
    decided_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT shop_application_cell CHECK (cell = cell_of(id)),
    CONSTRAINT shop_application_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT shop_application_claimed CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    CONSTRAINT shop_application_waiting CHECK
        (state NOT IN ('submitted', 'under_review') OR (submitted_at IS NOT NULL AND due_at IS NOT NULL)),
    CONSTRAINT shop_application_reviewed CHECK (state <> 'under_review' OR claimed_by IS NOT NULL)
);
CREATE INDEX shop_application_by_shop ON shop_application (cell, shop_id, id DESC);
CREATE UNIQUE INDEX shop_application_one_open ON shop_application (cell, shop_id)
    WHERE state IN ('draft', 'submitted', 'under_review', 'sent_back');
CREATE INDEX shop_application_queue ON shop_application (submitted_at, id)
    WHERE state IN ('submitted', 'under_review');
CREATE INDEX shop_application_decided ON shop_application (decided_at DESC, id DESC)
    WHERE decided_at IS NOT NULL;

CREATE TABLE shop_application_step (
    cell smallint NOT NULL,
    application_id bigint NOT NULL,
    version integer NOT NULL,                  -- of the application after the step
    state text NOT NULL,
    actor text NOT NULL CONSTRAINT shop_application_step_actor CHECK (actor IN ('shop', 'operator', 'clock')),
    actor_id bigint,
    note text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, application_id, version)
);

-- Directory: who holds a registration number or an identity. Its cell is computed from the number.
CREATE TABLE shop_registration (
    cell smallint NOT NULL,
    number text NOT NULL,                      -- registration number, or id:<keyed hash>
    owner_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    approved_at timestamptz NOT NULL,
    PRIMARY KEY (cell, number, shop_id)
);
