-- Reviews: what buyers say of what they bought, votes, reports, and counts kept beside. Owner: reviews.
-- Everything lies in the shop's cell, so a review and all its counts change in one place.
CREATE TABLE review (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    product_id bigint NOT NULL,
    sku_id bigint,                       -- NULL: imported
    order_id bigint,                     -- NULL: imported
    line smallint,
    writer_id bigint,                    -- NULL: imported, nobody here wrote it
    writer_name text NOT NULL DEFAULT '',  -- first letter and stars; empty: anonymous or imported
    is_anonymous boolean NOT NULL DEFAULT false,
    external_id text,                    -- what an imported review is called elsewhere
    options text[] NOT NULL DEFAULT '{}',  -- of the SKU, as bought
    stars smallint NOT NULL CONSTRAINT review_stars CHECK (stars BETWEEN 1 AND 5),
    dispatch_stars smallint CONSTRAINT review_dispatch_stars CHECK (dispatch_stars BETWEEN 1 AND 5),
    service_stars smallint CONSTRAINT review_service_stars CHECK (service_stars BETWEEN 1 AND 5),
    text text NOT NULL DEFAULT '' CONSTRAINT review_text CHECK (length(text) <= 2000),
    pictures jsonb NOT NULL DEFAULT '[]' CONSTRAINT review_pictures CHECK (jsonb_array_length(pictures) <= 9),
    follow_up text CONSTRAINT review_follow_up CHECK (length(follow_up) <= 2000),
    follow_up_pictures jsonb NOT NULL DEFAULT '[]'
        CONSTRAINT review_follow_up_pictures CHECK (jsonb_array_length(follow_up_pictures) <= 9),
    followed_up_at timestamptz,
    answer text CONSTRAINT review_answer CHECK (length(answer) BETWEEN 1 AND 1000),
    answered_at timestamptz,
    answered_by bigint,
    hidden_at timestamptz,
    hidden_by bigint,
    hidden_why text CONSTRAINT review_hidden_why CHECK
        (hidden_why IN ('abuse', 'advertising', 'private', 'off_topic', 'fake', 'illegal', 'other')),
    hidden_note text NOT NULL DEFAULT '' CONSTRAINT review_hidden_note CHECK (length(hidden_note) <= 500),
    -- What the order of lists is made of; docs/reviews.md.
    detail smallint NOT NULL CONSTRAINT review_detail CHECK (detail BETWEEN 0 AND 400),
    text_digest bigint,                  -- of the text without marks and spaces; NULL: too short to tell
    twins smallint NOT NULL DEFAULT 0 CONSTRAINT review_twins CHECK (twins BETWEEN 0 AND 8),
    pair smallint NOT NULL DEFAULT 0 CONSTRAINT review_pair CHECK (pair BETWEEN 0 AND 8),
    helpful integer NOT NULL DEFAULT 0 CONSTRAINT review_helpful CHECK (helpful >= 0),
    unhelpful integer NOT NULL DEFAULT 0 CONSTRAINT review_unhelpful CHECK (unhelpful >= 0),
    trusted_helpful integer NOT NULL DEFAULT 0
        CONSTRAINT review_trusted_helpful CHECK (trusted_helpful BETWEEN 0 AND helpful),
    trusted_unhelpful integer NOT NULL DEFAULT 0
        CONSTRAINT review_trusted_unhelpful CHECK (trusted_unhelpful BETWEEN 0 AND unhelpful),
    rank integer NOT NULL DEFAULT 0,
    is_rank_due boolean NOT NULL DEFAULT false,  -- the job counts it all anew
    open_reports integer NOT NULL DEFAULT 0 CONSTRAINT review_open_reports CHECK (open_reports >= 0),
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    -- lists are narrowed by these
    band smallint NOT NULL GENERATED ALWAYS AS
        (CASE WHEN stars >= 4 THEN 3 WHEN stars = 3 THEN 2 ELSE 1 END) STORED,  -- good, middling, poor
    has_pictures boolean NOT NULL GENERATED ALWAYS AS (pictures <> '[]' OR follow_up_pictures <> '[]') STORED,
    PRIMARY KEY (cell, id),
    CONSTRAINT review_cell CHECK (cell = cell_of(id)),
    CONSTRAINT review_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT review_product_cell CHECK (cell = cell_of(product_id)),
    CONSTRAINT review_bought_or_imported CHECK (num_nulls(order_id, line, sku_id, writer_id) IN (0, 4)),
    CONSTRAINT review_imported CHECK ((order_id IS NULL) = (external_id IS NOT NULL)),
    CONSTRAINT review_followed_up CHECK ((follow_up IS NULL) = (followed_up_at IS NULL)),
    CONSTRAINT review_answered CHECK (num_nulls(answer, answered_at, answered_by) IN (0, 3)),
    CONSTRAINT review_hidden CHECK (num_nulls(hidden_at, hidden_by, hidden_why) IN (0, 3))
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX review_of_line ON review (cell, order_id, line) WHERE order_id IS NOT NULL;
CREATE UNIQUE INDEX review_of_elsewhere ON review (cell, shop_id, external_id) WHERE external_id IS NOT NULL;
-- One index per order and filter of a product's list: each page is read from where it starts.
CREATE INDEX review_best ON review (cell, product_id, rank DESC, id DESC) WHERE hidden_at IS NULL;
CREATE INDEX review_best_band ON review (cell, product_id, band, rank DESC, id DESC) WHERE hidden_at IS NULL;
CREATE INDEX review_best_pictured ON review (cell, product_id, rank DESC, id DESC)
    WHERE hidden_at IS NULL AND has_pictures;
CREATE INDEX review_best_follow_up ON review (cell, product_id, rank DESC, id DESC)
    WHERE hidden_at IS NULL AND followed_up_at IS NOT NULL;
CREATE INDEX review_best_sku ON review (cell, product_id, sku_id, rank DESC, id DESC)
    WHERE hidden_at IS NULL AND sku_id IS NOT NULL;
CREATE INDEX review_newest ON review (cell, product_id, id DESC) WHERE hidden_at IS NULL;
CREATE INDEX review_newest_band ON review (cell, product_id, band, id DESC) WHERE hidden_at IS NULL;
CREATE INDEX review_newest_pictured ON review (cell, product_id, id DESC) WHERE hidden_at IS NULL AND has_pictures;
CREATE INDEX review_newest_follow_up ON review (cell, product_id, id DESC)
    WHERE hidden_at IS NULL AND followed_up_at IS NOT NULL;
CREATE INDEX review_newest_sku ON review (cell, product_id, sku_id, id DESC)
    WHERE hidden_at IS NULL AND sku_id IS NOT NULL;
-- The writer's own, the shop's, the operator's, and what a rank is counted from.
CREATE INDEX review_by_writer ON review (writer_id, id DESC) WHERE writer_id IS NOT NULL;
CREATE INDEX review_of_pair ON review (cell, shop_id, writer_id, id) WHERE writer_id IS NOT NULL;
CREATE INDEX review_by_shop ON review (cell, shop_id, id DESC);
CREATE INDEX review_unanswered ON review (cell, shop_id, id DESC)
    WHERE answer IS NULL AND hidden_at IS NULL AND order_id IS NOT NULL;
CREATE INDEX review_poor ON review (cell, shop_id, id DESC) WHERE stars <= 2 AND hidden_at IS NULL;
CREATE INDEX review_reported ON review (id) WHERE open_reports > 0;
CREATE INDEX review_hidden_newest ON review (hidden_at DESC, id DESC) WHERE hidden_at IS NOT NULL;
CREATE INDEX review_same_text ON review (cell, shop_id, text_digest) WHERE text_digest IS NOT NULL;
CREATE INDEX review_rank_due ON review (id) WHERE is_rank_due;

-- Was it helpful? One vote per account and review.
CREATE TABLE review_vote (
    cell smallint NOT NULL,              -- the review's
    review_id bigint NOT NULL,
    account_id bigint NOT NULL,
    is_helpful boolean NOT NULL,
    is_trusted boolean NOT NULL,         -- the account had a history when it was last looked at
    voted_at timestamptz NOT NULL,
    PRIMARY KEY (cell, review_id, account_id),
    CONSTRAINT review_vote_cell CHECK (cell = cell_of(review_id))
);
CREATE INDEX review_vote_doubted ON review_vote (voted_at, review_id, account_id) WHERE NOT is_trusted;

CREATE TABLE review_report (
    cell smallint NOT NULL,              -- the review's
    review_id bigint NOT NULL,
    account_id bigint NOT NULL,
    why text NOT NULL CONSTRAINT review_report_why CHECK
        (why IN ('abuse', 'advertising', 'private', 'off_topic', 'fake', 'illegal', 'other')),
    note text NOT NULL DEFAULT '' CONSTRAINT review_report_note CHECK (length(note) <= 500),
    reported_at timestamptz NOT NULL,
    settled_at timestamptz,              -- an operator has looked
    PRIMARY KEY (cell, review_id, account_id),
    CONSTRAINT review_report_cell CHECK (cell = cell_of(review_id))
);

-- What may be seen of a product's reviews, counted; bought and imported apart.
CREATE TABLE review_summary (
    cell smallint NOT NULL,
    product_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    one bigint NOT NULL DEFAULT 0,       -- by stars, bought and imported together
    two bigint NOT NULL DEFAULT 0,
    three bigint NOT NULL DEFAULT 0,
    four bigint NOT NULL DEFAULT 0,
    five bigint NOT NULL DEFAULT 0,
    pictured bigint NOT NULL DEFAULT 0,
    followed_up bigint NOT NULL DEFAULT 0,
    bought bigint NOT NULL DEFAULT 0,
    bought_stars bigint NOT NULL DEFAULT 0,
    imported bigint NOT NULL DEFAULT 0,
    imported_stars bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (cell, product_id),
    CONSTRAINT review_summary_counts CHECK (least(one, two, three, four, five, pictured, followed_up) >= 0),
    CONSTRAINT review_summary_adds_up CHECK (one + two + three + four + five = bought + imported),
    CONSTRAINT review_summary_bought CHECK (bought_stars BETWEEN bought AND 5 * bought),
    CONSTRAINT review_summary_imported CHECK (imported_stars BETWEEN imported AND 5 * imported)
) WITH (fillfactor = 70);

CREATE TABLE review_sku_summary (
    cell smallint NOT NULL,
    product_id bigint NOT NULL,
    sku_id bigint NOT NULL,
    reviews bigint NOT NULL DEFAULT 0 CONSTRAINT review_sku_summary_reviews CHECK (reviews >= 0),
    PRIMARY KEY (cell, product_id, sku_id)
) WITH (fillfactor = 70);

-- Of a shop: bought only. Whoever changes a review of the shop holds this row first.
CREATE TABLE review_shop_summary (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    bought bigint NOT NULL DEFAULT 0,
    bought_stars bigint NOT NULL DEFAULT 0,
    dispatched bigint NOT NULL DEFAULT 0,      -- reviews that judge dispatch
    dispatch_stars bigint NOT NULL DEFAULT 0,
    served bigint NOT NULL DEFAULT 0,          -- reviews that judge service
    service_stars bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (cell, shop_id),
    CONSTRAINT review_shop_summary_bought CHECK (bought_stars BETWEEN bought AND 5 * bought),
    CONSTRAINT review_shop_summary_dispatch CHECK (dispatch_stars BETWEEN dispatched AND 5 * dispatched),
    CONSTRAINT review_shop_summary_service CHECK (service_stars BETWEEN served AND 5 * served)
) WITH (fillfactor = 70);

-- Orders that can be reviewed are listed by their buyer, newest first: sale_order_by_buyer carries it.
