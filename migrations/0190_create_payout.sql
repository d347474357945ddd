-- Money out of the market: when a shop's money may leave, where it goes, and every withdrawal. Owner: payouts.

-- How many days after completion a shop's money may be withdrawn, from an instant on. Written by the daily scoring.
CREATE TABLE settlement_terms (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    since timestamptz NOT NULL,
    days smallint NOT NULL CONSTRAINT settlement_terms_days CHECK (days BETWEEN 0 AND 15),
    PRIMARY KEY (cell, shop_id, since),
    CONSTRAINT settlement_terms_cell CHECK (cell = cell_of(shop_id))
);

-- Money of completed orders that stays until something about them is decided, such as an after-sale case.
CREATE TABLE payout_hold (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    subject_id bigint NOT NULL,                -- the case
    order_id bigint NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT payout_hold_amount CHECK (amount_minor > 0),
    since timestamptz NOT NULL,
    PRIMARY KEY (cell, shop_id, subject_id),
    CONSTRAINT payout_hold_cell CHECK (cell = cell_of(shop_id))
);

-- state: new (to be tested) · testing (a small deposit is on its way; its amount proves the account) · verified
--        · refused · removed
CREATE TABLE bank_account (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    holder text NOT NULL,
    bank text NOT NULL,
    last4 text NOT NULL CONSTRAINT bank_account_last4 CHECK (last4 ~ '^[0-9]{4}$'),
    state text NOT NULL CONSTRAINT bank_account_state
        CHECK (state IN ('new', 'testing', 'verified', 'refused', 'removed')),
    is_default boolean NOT NULL DEFAULT false,
    provider text NOT NULL,
    tries_left smallint NOT NULL DEFAULT 5 CONSTRAINT bank_account_tries CHECK (tries_left >= 0),
    why text NOT NULL DEFAULT '',              -- of a refusal, the provider's code
    retry_at timestamptz,                      -- ask the provider then; NULL: nothing to ask
    attempts integer NOT NULL DEFAULT 0,
    usable_at timestamptz,                     -- a new account waits; set on verification
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    verified_at timestamptz,
    removed_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT bank_account_cell CHECK (cell = cell_of(id)),
    CONSTRAINT bank_account_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT bank_account_verified CHECK (state <> 'verified' OR (verified_at IS NOT NULL AND usable_at IS NOT NULL)),
    CONSTRAINT bank_account_default CHECK (NOT is_default OR state = 'verified')
);
CREATE INDEX bank_account_by_shop ON bank_account (cell, shop_id, id DESC);
CREATE UNIQUE INDEX bank_account_one_default ON bank_account (cell, shop_id) WHERE is_default;
CREATE INDEX bank_account_testing ON bank_account (retry_at, id) WHERE retry_at IS NOT NULL;

-- The numbers, sealed with the market's key: only what talks to the provider opens them.
CREATE TABLE bank_number (
    cell smallint NOT NULL,
    account_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    sealed bytea NOT NULL,
    print bytea NOT NULL,                      -- keyed hash, to tell the same number of a shop
    is_live boolean NOT NULL DEFAULT true,     -- false: the account was removed or refused
    PRIMARY KEY (cell, account_id)
);
CREATE UNIQUE INDEX bank_number_once ON bank_number (cell, shop_id, print) WHERE is_live;

-- state: prepared (by a manager, for the owner to ask) → asked (money is reserved) → approved → sent → paid
--        | failed (came back), or refused before it was sent
CREATE TABLE withdrawal (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    account_id bigint NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT withdrawal_amount CHECK (amount_minor > 0),
    state text NOT NULL CONSTRAINT withdrawal_state
        CHECK (state IN ('prepared', 'asked', 'approved', 'sent', 'paid', 'failed', 'refused')),
    request_key text NOT NULL,
    needs_second boolean NOT NULL DEFAULT false,
    needs_operator boolean NOT NULL DEFAULT false,
    prepared_by bigint NOT NULL,
    asked_by bigint,
    seconded_by bigint,
    passed_by bigint,                          -- the operator
    provider text NOT NULL,
    provider_ref text,
    why text NOT NULL DEFAULT '',              -- of a refusal or failure
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    retry_at timestamptz,                      -- take it up then; NULL: nothing to do but wait for people
    prepared_at timestamptz NOT NULL,
    asked_at timestamptz,
    approved_at timestamptz,
    sent_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT withdrawal_cell CHECK (cell = cell_of(id)),
    CONSTRAINT withdrawal_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT withdrawal_key UNIQUE (cell, shop_id, request_key),
    CONSTRAINT withdrawal_two_people CHECK (seconded_by <> asked_by),
    CONSTRAINT withdrawal_asked CHECK (state IN ('prepared', 'refused') OR asked_at IS NOT NULL),
    CONSTRAINT withdrawal_approved CHECK (state NOT IN ('approved', 'sent', 'paid', 'failed')
        OR (approved_at IS NOT NULL AND (NOT needs_second OR seconded_by IS NOT NULL)
            AND (NOT needs_operator OR passed_by IS NOT NULL))),
    CONSTRAINT withdrawal_ended CHECK ((state IN ('paid', 'failed', 'refused')) = (ended_at IS NOT NULL))
);
CREATE INDEX withdrawal_by_shop ON withdrawal (cell, shop_id, id DESC);
CREATE INDEX withdrawal_under_way ON withdrawal (cell, shop_id) WHERE state IN ('asked', 'approved', 'sent');
CREATE INDEX withdrawal_by_day ON withdrawal (cell, shop_id, asked_at) WHERE asked_at IS NOT NULL;
CREATE INDEX withdrawal_due ON withdrawal (retry_at, id) WHERE retry_at IS NOT NULL;
CREATE INDEX withdrawal_newest ON withdrawal (id DESC);
CREATE INDEX withdrawal_in_state ON withdrawal (state, id DESC) WHERE state <> 'paid';
CREATE INDEX withdrawal_ended_at ON withdrawal (ended_at) WHERE ended_at IS NOT NULL;

-- Every change: who, when, why.
CREATE TABLE withdrawal_step (
    cell smallint NOT NULL,
    withdrawal_id bigint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    step text NOT NULL,                        -- a state, or seconded · passed
    actor text NOT NULL CONSTRAINT withdrawal_step_actor CHECK (actor IN ('shop', 'operator', 'clock', 'provider')),
    actor_id bigint,
    why text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, withdrawal_id, position)
);

-- Shops that owe, found without reading all accounts. The kind never changes, so updates stay cheap.
CREATE INDEX ledger_account_owing ON ledger_account (cell, party_id) WHERE kind = 'receivable:shop';
