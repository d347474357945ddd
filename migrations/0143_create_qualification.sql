-- Permits that categories ask for, and those shops hold. Owner: qualifications.

-- Reference: kinds of permits and the categories that ask for them, by code of the taxonomy.
CREATE TABLE qualification_kind (
    code text PRIMARY KEY,
    name_en text NOT NULL,
    name_zh text NOT NULL,
    number_pattern text NOT NULL               -- regular expression of a whole number
);
CREATE TABLE category_qualification (
    category_code text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (category_code, kind)
);
-- source: Food Safety Law art. 35; Administrative Measures on Food Business Licensing: JY and 14 digits
-- source: Cosmetics Supervision Regulation art. 41 with filing numbers of makers
-- source: Medical Device Supervision Regulation art. 42; Publication Management Regulation art. 35
INSERT INTO qualification_kind (code, name_en, name_zh, number_pattern) VALUES
    ('food', 'Food business licence', '食品经营许可证', '^(JY|SC)[0-9]{14}$'),
    ('cosmetics', 'Cosmetics filing', '化妆品备案凭证', '^[^[:space:]].{3,39}$'),
    ('medical', 'Medical device business licence', '医疗器械经营许可证', '^[^[:space:]].{3,39}$'),
    ('books', 'Publication business licence', '出版物经营许可证', '^[^[:space:]].{3,39}$'),
    ('tobacco', 'Tobacco monopoly retail licence', '烟草专卖零售许可证', '^[0-9]{12}$');
INSERT INTO category_qualification (category_code, kind) VALUES
    ('fb-1', 'food'), ('fb-2', 'food'), ('fb-3', 'tobacco'), ('hb-3-2', 'cosmetics'), ('hb-1', 'medical'),
    ('me-1', 'books'), ('me-2', 'books');

CREATE TABLE shop_qualification (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    kind text NOT NULL,
    number text NOT NULL CONSTRAINT shop_qualification_number CHECK (length(number) BETWEEN 1 AND 40),
    paper_id bigint NOT NULL,
    valid_from date NOT NULL,
    valid_until date,                          -- its last day; NULL: without end
    state text NOT NULL CONSTRAINT shop_qualification_state
        CHECK (state IN ('submitted', 'under_review', 'approved', 'sent_back', 'withdrawn')),
    reason text NOT NULL DEFAULT '',           -- why it was sent back, a code
    note text NOT NULL DEFAULT '',
    told_days smallint,                        -- the last notice of its end: 30, 7 or 0 days before
    submitted_by bigint NOT NULL,
    submitted_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    claimed_by bigint,
    claimed_at timestamptz,
    decided_by bigint,
    decided_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT shop_qualification_cell CHECK (cell = cell_of(id)),
    CONSTRAINT shop_qualification_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT shop_qualification_validity CHECK (valid_until IS NULL OR valid_until >= valid_from),
    CONSTRAINT shop_qualification_reviewed CHECK (state <> 'under_review' OR claimed_by IS NOT NULL)
);
CREATE INDEX shop_qualification_by_shop ON shop_qualification (cell, shop_id, kind, state);
CREATE INDEX shop_qualification_queue ON shop_qualification (submitted_at, id)
    WHERE state IN ('submitted', 'under_review');
CREATE INDEX shop_qualification_ending ON shop_qualification (valid_until, id)
    WHERE state = 'approved' AND valid_until IS NOT NULL;
-- A permit waits for its decision once per kind.
CREATE UNIQUE INDEX shop_qualification_one_open ON shop_qualification (cell, shop_id, kind)
    WHERE state IN ('submitted', 'under_review');
