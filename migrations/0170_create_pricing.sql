-- Offers of shops and coupons: what lowers a price, for whom, how often. Owner: pricing.

-- A special price of SKUs, or any n pieces of a set for one price. In the shop's cell.
CREATE TABLE offer (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT offer_kind CHECK (kind IN ('timed', 'flash', 'member', 'n_for')),
    title text NOT NULL,
    audience text NOT NULL DEFAULT 'everyone'
        CONSTRAINT offer_audience CHECK (audience IN ('everyone', 'new', 'followers', 'members')),
    is_exclusive boolean NOT NULL DEFAULT false,  -- stacks with nothing
    announced_at timestamptz NOT NULL,            -- buyers see it from then on
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,                         -- taken back before its time
    pieces integer,                               -- n_for: so many pieces …
    price_minor bigint,                           -- … for this
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT offer_cell CHECK (cell = cell_of(id) AND cell = cell_of(shop_id)),
    CONSTRAINT offer_window CHECK (announced_at <= starts_at AND starts_at < ends_at),
    CONSTRAINT offer_set CHECK (CASE kind
        WHEN 'n_for' THEN coalesce(pieces BETWEEN 2 AND 99 AND price_minor > 0, false)
        ELSE pieces IS NULL AND price_minor IS NULL END),
    CONSTRAINT offer_members CHECK (kind <> 'member' OR audience = 'members')
);
CREATE INDEX offer_by_shop ON offer (cell, shop_id, id DESC);

-- Which SKUs, at what price; the window is the offer's, so that one index finds what is live.
CREATE TABLE offer_item (
    cell smallint NOT NULL,
    offer_id bigint NOT NULL,
    sku_id bigint NOT NULL,
    product_id bigint NOT NULL,
    price_minor bigint CONSTRAINT offer_item_price CHECK (price_minor > 0),  -- NULL: n_for
    announced_at timestamptz NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (cell, offer_id, sku_id),
    CONSTRAINT offer_item_cell CHECK (cell = cell_of(offer_id) AND cell = cell_of(sku_id))
);
CREATE INDEX offer_item_by_sku ON offer_item (cell, sku_id, ends_at);

-- What a coupon gives. A shop's lies in its cell; a market's (shop_id NULL) in any.
CREATE TABLE coupon (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint,
    payer text NOT NULL CONSTRAINT coupon_payer CHECK (payer IN ('shop', 'platform', 'creator')),
    creator_id bigint,
    title text NOT NULL,
    benefit text NOT NULL CONSTRAINT coupon_benefit CHECK (benefit IN ('fixed', 'percent', 'free_freight')),
    amount_minor bigint,
    rate_bp integer,
    cap_minor bigint CONSTRAINT coupon_cap CHECK (cap_minor > 0),
    threshold_minor bigint NOT NULL DEFAULT 0 CONSTRAINT coupon_threshold CHECK (threshold_minor >= 0),
    scope text NOT NULL CONSTRAINT coupon_scope CHECK (scope IN ('all', 'categories', 'products')),
    scope_ids bigint[] NOT NULL DEFAULT '{}',
    audience text NOT NULL DEFAULT 'everyone'
        CONSTRAINT coupon_audience CHECK (audience IN ('everyone', 'new', 'followers', 'members')),
    is_exclusive boolean NOT NULL DEFAULT false,
    is_public boolean NOT NULL DEFAULT true,      -- shown to claim; else only by its code
    code text NOT NULL DEFAULT '',
    claim_from timestamptz NOT NULL,
    claim_until timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,                      -- either until then …
    valid_days integer,                           -- … or so many days from the claim
    total_limit bigint CONSTRAINT coupon_total CHECK (total_limit > 0),
    per_person integer NOT NULL DEFAULT 1 CONSTRAINT coupon_person CHECK (per_person BETWEEN 1 AND 20),
    budget_minor bigint CONSTRAINT coupon_budget CHECK (budget_minor > 0),
    ended_at timestamptz,                         -- no more claims from then on; claimed ones stay good
    version integer NOT NULL DEFAULT 1,
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT coupon_cell CHECK (cell = cell_of(id) AND (shop_id IS NULL OR cell = cell_of(shop_id))),
    CONSTRAINT coupon_who CHECK (CASE payer WHEN 'shop' THEN shop_id IS NOT NULL AND creator_id IS NULL
        WHEN 'creator' THEN creator_id IS NOT NULL ELSE creator_id IS NULL END),
    CONSTRAINT coupon_value CHECK (CASE benefit
        WHEN 'fixed' THEN coalesce(amount_minor > 0, false) AND rate_bp IS NULL AND cap_minor IS NULL
        WHEN 'percent' THEN coalesce(rate_bp BETWEEN 1 AND 9900, false) AND amount_minor IS NULL
        ELSE amount_minor IS NULL AND rate_bp IS NULL END),
    CONSTRAINT coupon_claims CHECK (claim_from < claim_until),
    CONSTRAINT coupon_validity CHECK ((valid_until IS NULL) <> (valid_days IS NULL)
        AND coalesce(valid_days BETWEEN 1 AND 366, true) AND coalesce(valid_until > valid_from, true)),
    CONSTRAINT coupon_scoped CHECK ((scope = 'all') = (cardinality(scope_ids) = 0)
        AND cardinality(scope_ids) <= 200),
    CONSTRAINT coupon_bounded CHECK (budget_minor IS NULL OR benefit = 'fixed' OR cap_minor IS NOT NULL)
);
CREATE INDEX coupon_by_shop ON coupon (cell, shop_id, id DESC);
CREATE INDEX coupon_on_offer ON coupon (cell, shop_id, claim_until) WHERE is_public AND ended_at IS NULL;
CREATE INDEX coupon_of_market ON coupon (id DESC) WHERE shop_id IS NULL;

-- Written by every claim, therefore apart. reserved: what claimed coupons cost or may still cost the budget.
CREATE TABLE coupon_count (
    cell smallint NOT NULL,
    coupon_id bigint NOT NULL,
    claimed bigint NOT NULL DEFAULT 0 CHECK (claimed >= 0),
    reserved_minor bigint NOT NULL DEFAULT 0 CONSTRAINT coupon_count_reserved CHECK (reserved_minor >= 0),
    PRIMARY KEY (cell, coupon_id),
    CONSTRAINT coupon_count_cell CHECK (cell = cell_of(coupon_id))
) WITH (fillfactor = 50);

-- Codes are unique in the market, upper case; the cell is computed from the code.
CREATE TABLE coupon_code (
    cell smallint NOT NULL,
    code text NOT NULL CONSTRAINT coupon_code_form CHECK (code ~ '^[A-Z0-9-]{4,24}$'),
    coupon_id bigint NOT NULL,
    PRIMARY KEY (cell, code)
);

-- A person's coupon, in the person's cell, with the terms it was claimed under: nothing changes them.
CREATE TABLE coupon_claim (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    coupon_id bigint NOT NULL,
    shop_id bigint,
    number integer NOT NULL,             -- 1 … per_person
    terms jsonb NOT NULL,
    claimed_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    used_at timestamptz,
    checkout_id bigint,
    is_settled boolean NOT NULL,         -- nothing of a budget is kept for it any more
    PRIMARY KEY (cell, id),
    CONSTRAINT coupon_claim_cell CHECK (cell = cell_of(id) AND cell = cell_of(buyer_id)),
    CONSTRAINT coupon_claim_once UNIQUE (cell, buyer_id, coupon_id, number),
    CONSTRAINT coupon_claim_used CHECK ((used_at IS NULL) = (checkout_id IS NULL))
);
CREATE INDEX coupon_claim_usable ON coupon_claim (cell, buyer_id, valid_until, id) WHERE used_at IS NULL;
CREATE INDEX coupon_claim_spent ON coupon_claim (cell, buyer_id, used_at DESC, id) WHERE used_at IS NOT NULL;
CREATE INDEX coupon_claim_settling ON coupon_claim (valid_until, id) WHERE NOT is_settled;

-- Which orders a coupon lowered; when all of them came to nothing it goes back to its owner.
CREATE TABLE coupon_use (
    cell smallint NOT NULL,
    claim_id bigint NOT NULL,
    order_id bigint NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    given_back_at timestamptz,
    PRIMARY KEY (cell, claim_id, order_id),
    CONSTRAINT coupon_use_cell CHECK (cell = cell_of(claim_id))
);
CREATE INDEX coupon_use_by_order ON coupon_use (order_id);

-- What offers and coupons did, counted from paid orders by a listener.
CREATE TABLE offer_count (
    cell smallint NOT NULL,
    offer_id bigint NOT NULL,
    orders bigint NOT NULL DEFAULT 0,
    discount_minor bigint NOT NULL DEFAULT 0,
    gmv_minor bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (cell, offer_id),
    CONSTRAINT offer_count_cell CHECK (cell = cell_of(offer_id))
) WITH (fillfactor = 70);

-- Members of a shop; free to join and leave. In the person's cell.
CREATE TABLE shop_member (
    cell smallint NOT NULL,
    account_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (cell, account_id, shop_id),
    CONSTRAINT shop_member_cell CHECK (cell = cell_of(account_id))
);
CREATE INDEX shop_member_by_shop ON shop_member (shop_id, joined_at DESC);
