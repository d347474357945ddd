-- Violations of the rules and what follows from them. Owner: penalties.

-- Reference: published rules, each version for ever; docs/rules says them in full.
CREATE TABLE shop_rule (
    code text NOT NULL,
    version integer NOT NULL,
    title_en text NOT NULL,
    title_zh text NOT NULL,
    penalties text[] NOT NULL,                 -- kinds a case under it may carry
    points_max smallint NOT NULL DEFAULT 0,
    deduction_max_minor bigint NOT NULL DEFAULT 0,
    suspension_max_days smallint NOT NULL DEFAULT 0,
    answer_hours smallint NOT NULL CONSTRAINT shop_rule_answer CHECK (answer_hours BETWEEN 0 AND 720),
    in_force_from date NOT NULL,
    in_force_until date,                       -- first day it no longer holds
    PRIMARY KEY (code, version)
);
INSERT INTO shop_rule (code, version, title_en, title_zh, penalties, points_max, deduction_max_minor,
    suspension_max_days, answer_hours, in_force_from) VALUES
    ('late-shipping', 1, 'Orders shipped late or not at all', '延迟发货或不发货',
        '{warning,points,listing_limit,deduction}', 3, 50000, 0, 48, '2024-01-01'),
    ('false-goods', 1, 'Goods that are not what was said', '商品与描述不符',
        '{warning,product_off,points,listing_limit,deduction,suspension}', 6, 200000, 7, 48, '2024-01-01'),
    ('counterfeit', 1, 'Counterfeit goods', '出售假冒商品',
        '{product_off,points,deduction,suspension,closure}', 48, 5000000, 90, 72, '2024-01-01'),
    ('missing-permit', 1, 'Selling without the permit the goods need', '无资质经营',
        '{warning,product_off,points,deduction,suspension}', 12, 1000000, 30, 48, '2024-01-01'),
    ('forbidden-goods', 1, 'Goods that may not be sold', '出售禁售商品',
        '{product_off,points,deduction,suspension,closure}', 48, 5000000, 90, 24, '2024-01-01'),
    ('brushed-sales', 1, 'Invented orders or reviews', '虚假交易或虚假评价',
        '{warning,product_off,points,listing_limit,deduction,suspension}', 12, 1000000, 30, 72, '2024-01-01'),
    ('rude-service', 1, 'Insults, threats or pressure on buyers', '辱骂、威胁或骚扰买家',
        '{warning,points,listing_limit,deduction,suspension}', 6, 200000, 7, 48, '2024-01-01'),
    ('false-papers', 1, 'Forged or borrowed papers', '伪造、冒用资质材料',
        '{points,deduction,suspension,closure}', 48, 5000000, 90, 72, '2024-01-01');

CREATE TABLE violation (
    cell smallint NOT NULL,                    -- the shop's
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    rule_code text NOT NULL,
    rule_version integer NOT NULL,
    state text NOT NULL CONSTRAINT violation_state CHECK (state IN
        ('announced', 'answered', 'in_force', 'dropped', 'lapsed', 'appealed', 'final', 'reversed')),
    statement text NOT NULL CONSTRAINT violation_statement CHECK (length(statement) BETWEEN 1 AND 4000),
    opened_by bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    takes_effect_at timestamptz NOT NULL,      -- by itself, unless answered before
    answer text NOT NULL DEFAULT '',
    answered_by bigint,
    answered_at timestamptz,
    rule_by timestamptz,                       -- an answer must be ruled on by then, else the case lapses
    ruled_by bigint,                           -- NULL: by the clock
    ruled_at timestamptz,
    ruling text NOT NULL DEFAULT '',
    appeal_until timestamptz,
    appeal text NOT NULL DEFAULT '',
    appealed_by bigint,
    appealed_at timestamptz,
    judge_by timestamptz,                      -- an appeal nobody judges by then is upheld
    judged_by bigint,
    judged_at timestamptz,
    judgement text NOT NULL DEFAULT '',
    clock_at timestamptz,                      -- when the clock acts next; NULL: never again
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (cell, id),
    CONSTRAINT violation_cell CHECK (cell = cell_of(id)),
    CONSTRAINT violation_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT violation_answered CHECK (state <> 'answered' OR rule_by IS NOT NULL),
    CONSTRAINT violation_appealed CHECK (state <> 'appealed' OR judge_by IS NOT NULL),
    CONSTRAINT violation_in_force CHECK (state <> 'in_force' OR appeal_until IS NOT NULL),
    CONSTRAINT violation_other_judge CHECK
        (judged_by IS NULL OR (judged_by <> opened_by AND judged_by IS DISTINCT FROM ruled_by))
);
CREATE INDEX violation_by_shop ON violation (cell, shop_id, id DESC);
CREATE INDEX violation_newest ON violation (id DESC);
CREATE INDEX violation_open ON violation (opened_at, id) WHERE state IN ('announced', 'answered', 'appealed');
CREATE INDEX violation_clock ON violation (clock_at, id) WHERE clock_at IS NOT NULL;

-- amount: points, listed goods at most, minor units or days, by kind; 0 for the others
CREATE TABLE violation_penalty (
    cell smallint NOT NULL,
    violation_id bigint NOT NULL,
    position smallint NOT NULL,
    shop_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT violation_penalty_kind CHECK (kind IN
        ('warning', 'product_off', 'points', 'listing_limit', 'deduction', 'suspension', 'closure')),
    amount bigint NOT NULL DEFAULT 0 CHECK (amount >= 0),
    product_id bigint,
    days smallint NOT NULL DEFAULT 0 CHECK (days >= 0),  -- how long a limit or suspension lasts
    state text NOT NULL CONSTRAINT violation_penalty_state
        CHECK (state IN ('proposed', 'in_force', 'ended', 'reversed', 'void')),
    ends_at timestamptz,
    from_deposit_minor bigint NOT NULL DEFAULT 0 CHECK (from_deposit_minor >= 0),
    owed_minor bigint NOT NULL DEFAULT 0 CHECK (owed_minor >= 0),
    PRIMARY KEY (cell, violation_id, position),
    CONSTRAINT violation_penalty_product CHECK ((kind = 'product_off') = (product_id IS NOT NULL))
);
CREATE INDEX violation_penalty_standing ON violation_penalty (cell, shop_id, kind) WHERE state = 'in_force';
CREATE INDEX violation_penalty_ending ON violation_penalty (ends_at, violation_id)
    WHERE state = 'in_force' AND ends_at IS NOT NULL;

CREATE TABLE violation_evidence (
    cell smallint NOT NULL,
    violation_id bigint NOT NULL,
    position smallint NOT NULL,
    side text NOT NULL CONSTRAINT violation_evidence_side CHECK (side IN ('market', 'shop')),
    kind text NOT NULL CONSTRAINT violation_evidence_kind CHECK (kind IN ('paper', 'order', 'product', 'note')),
    subject_id bigint,                         -- picture, order or product
    text text NOT NULL DEFAULT '',
    added_by bigint NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (cell, violation_id, position),
    CONSTRAINT violation_evidence_content CHECK ((kind = 'note') = (subject_id IS NULL))
);

CREATE TABLE violation_step (
    cell smallint NOT NULL,
    violation_id bigint NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    actor text NOT NULL CONSTRAINT violation_step_actor CHECK (actor IN ('shop', 'operator', 'clock')),
    actor_id bigint,
    note text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, violation_id, version)
);
