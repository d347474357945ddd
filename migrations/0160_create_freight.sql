-- Freight templates of shops, and where their warehouses stand. Owner: fulfilment; warehouse: stock.

CREATE TABLE freight_template (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    name text NOT NULL CONSTRAINT freight_template_name CHECK (length(name) BETWEEN 1 AND 60),
    -- what is counted: pieces, grams or cubic centimetres
    counts text NOT NULL CONSTRAINT freight_template_counts CHECK (counts IN ('piece', 'weight', 'volume')),
    per_parcel boolean NOT NULL DEFAULT false,  -- goods of two warehouses are charged as two parcels
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT freight_template_cell CHECK (cell = cell_of(id)),
    CONSTRAINT freight_template_shop_cell CHECK (cell = cell_of(shop_id))
);
CREATE INDEX freight_template_by_shop ON freight_template (cell, shop_id, id) WHERE deleted_at IS NULL;

-- One row per group of regions with the same price. kind: rest (everywhere else in China, exactly one a
-- template) · regions · abroad (at most one).
CREATE TABLE freight_zone (
    cell smallint NOT NULL,
    template_id bigint NOT NULL,
    position smallint NOT NULL,
    kind text NOT NULL CONSTRAINT freight_zone_kind CHECK (kind IN ('rest', 'regions', 'abroad')),
    regions integer[] NOT NULL DEFAULT '{}',   -- codes of provinces, cities or districts
    delivers boolean NOT NULL DEFAULT true,
    first_units bigint NOT NULL CONSTRAINT freight_zone_first CHECK (first_units BETWEEN 1 AND 100000000),
    first_minor bigint NOT NULL CHECK (first_minor BETWEEN 0 AND 100000000),
    next_units bigint NOT NULL CONSTRAINT freight_zone_next CHECK (next_units BETWEEN 1 AND 100000000),
    next_minor bigint NOT NULL CHECK (next_minor BETWEEN 0 AND 100000000),
    free_from_minor bigint CHECK (free_from_minor >= 0),      -- NULL: no such threshold
    free_from_pieces bigint CHECK (free_from_pieces >= 1),
    free_needs_both boolean NOT NULL DEFAULT false,           -- of two thresholds: both, or either
    PRIMARY KEY (cell, template_id, position),
    CONSTRAINT freight_zone_regions CHECK ((kind = 'regions') = (cardinality(regions) > 0)),
    CONSTRAINT freight_zone_regions_few CHECK (cardinality(regions) <= 500)
);
CREATE UNIQUE INDEX freight_zone_once ON freight_zone (cell, template_id, kind) WHERE kind <> 'regions';

-- NULL: the shop's flat freight (shop.freight_minor, shop.free_freight_from_minor).
ALTER TABLE product ADD COLUMN freight_template_id bigint;
CREATE INDEX product_by_freight ON product (cell, freight_template_id) WHERE freight_template_id IS NOT NULL;
ALTER TABLE sku ADD COLUMN volume_cm3 integer NOT NULL DEFAULT 0
    CONSTRAINT sku_volume CHECK (volume_cm3 BETWEEN 0 AND 100000000);

-- Where a warehouse stands and whom it serves; no regions: everywhere.
ALTER TABLE warehouse
    ADD COLUMN IF NOT EXISTS region_code integer,            -- where it stands: a province or city, for lanes and labels
    ADD COLUMN contact text NOT NULL DEFAULT '' CHECK (length(contact) <= 60),
    ADD COLUMN phone text NOT NULL DEFAULT '' CHECK (length(phone) <= 24),
    ADD COLUMN street text NOT NULL DEFAULT '' CHECK (length(street) <= 240),
    ADD COLUMN regions integer[] NOT NULL DEFAULT '{}'
        CONSTRAINT warehouse_regions CHECK (cardinality(regions) <= 500),
    ADD COLUMN only_there boolean NOT NULL DEFAULT false,  -- never sends outside its regions
    ADD COLUMN priority smallint NOT NULL DEFAULT 100
        CONSTRAINT warehouse_priority CHECK (priority BETWEEN 1 AND 999),  -- the lower, the sooner
    ADD COLUMN is_closed boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT warehouse_default_open CHECK (NOT (is_default AND is_closed)),
    ADD CONSTRAINT warehouse_only_there CHECK (NOT only_there OR cardinality(regions) > 0);

-- Where a SKU lies in a warehouse, as pickers walk: A-03-2. Free text of the shop.
ALTER TABLE stock ADD COLUMN location text NOT NULL DEFAULT '' CHECK (length(location) <= 30);
