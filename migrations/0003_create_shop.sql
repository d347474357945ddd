-- Shops and who works in them. Owner: shops. The hot path reads shop for freight, fee and holiday.
CREATE TABLE shop (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    owner_id bigint NOT NULL,
    name text NOT NULL CONSTRAINT shop_name CHECK (length(name) BETWEEN 1 AND 60),
    name_en text NOT NULL DEFAULT '',
    about text NOT NULL DEFAULT '',
    logo jsonb,                               -- as a product picture
    phone text NOT NULL DEFAULT '',
    state text NOT NULL CONSTRAINT shop_state CHECK (state IN ('open', 'holiday', 'closed')),
    holiday_note text NOT NULL DEFAULT '',
    freight_minor bigint NOT NULL DEFAULT 0 CHECK (freight_minor >= 0),
    free_freight_from_minor bigint CHECK (free_freight_from_minor >= 0),  -- NULL: never free
    ship_within_hours integer NOT NULL DEFAULT 48 CHECK (ship_within_hours BETWEEN 1 AND 720),
    fee_bp integer,                           -- NULL: the market's fee
    version integer NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT shop_cell CHECK (cell = cell_of(id))
);
CREATE INDEX shop_newest ON shop (id DESC);

CREATE TABLE shop_staff (
    cell smallint NOT NULL,                   -- the shop's
    shop_id bigint NOT NULL,
    account_id bigint NOT NULL,
    role text NOT NULL CONSTRAINT shop_staff_role CHECK (role IN ('owner', 'manager', 'clerk', 'warehouse')),
    added_at timestamptz NOT NULL,
    added_by bigint NOT NULL,
    PRIMARY KEY (cell, shop_id, account_id)
);
CREATE INDEX shop_staff_by_account ON shop_staff (account_id);
CREATE UNIQUE INDEX shop_staff_one_owner ON shop_staff (cell, shop_id) WHERE role = 'owner';
