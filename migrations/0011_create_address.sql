-- The address book. Owner: places. Lies in the account's cell.
CREATE TABLE address (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    country text NOT NULL CONSTRAINT address_country CHECK (country ~ '^[A-Z]{2}$'),
    receiver text NOT NULL CONSTRAINT address_receiver CHECK (length(receiver) BETWEEN 1 AND 60),
    phone text NOT NULL CONSTRAINT address_phone CHECK (length(phone) BETWEEN 5 AND 24),
    region_code integer,              -- in China: a district or street of table region
    region_version text,              -- release of the region list the code was chosen from
    region_names text[] NOT NULL DEFAULT '{}',  -- as they read then, from the province down
    detail text NOT NULL CONSTRAINT address_detail CHECK (length(detail) BETWEEN 1 AND 240),
    city text NOT NULL DEFAULT '',    -- abroad
    state text NOT NULL DEFAULT '',   -- abroad: state, province or county
    postcode text NOT NULL DEFAULT '',
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT address_cell CHECK (cell = cell_of(id)),
    CONSTRAINT address_account_cell CHECK (cell = cell_of(account_id)),
    CONSTRAINT address_in_china_has_region CHECK
        ((country = 'CN') = (region_code IS NOT NULL AND region_version IS NOT NULL)),
    CONSTRAINT address_abroad_has_city CHECK (country = 'CN' OR city <> ''),
    CONSTRAINT address_deleted_is_not_default CHECK (deleted_at IS NULL OR NOT is_default)
);
CREATE INDEX address_by_account ON address (cell, account_id, id DESC) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX address_one_default ON address (cell, account_id) WHERE is_default;
