-- Categories and regions: reference tables without a cell, filled by jishi.data from shipped files.

-- Which file each reference table was last filled from; an unchanged file is not loaded again.
CREATE TABLE reference_data (
    name text PRIMARY KEY,
    version text NOT NULL,  -- name of the upstream release; kept with addresses
    digest text NOT NULL    -- sha256 of the shipped file
);

-- Rows gone from a newer release stay, retired: products and addresses still point at them.
CREATE TABLE category (
    id integer PRIMARY KEY,                    -- ours, kept for ever
    parent_id integer,
    level smallint NOT NULL CONSTRAINT category_level CHECK (level BETWEEN 1 AND 9),
    code text NOT NULL CONSTRAINT category_code UNIQUE,  -- of the upstream taxonomy: "ap-2-1"
    name_en text NOT NULL,
    name_zh text NOT NULL,
    path integer[] NOT NULL,                   -- ids from the root to this category itself
    is_leaf boolean NOT NULL,
    is_retired boolean NOT NULL DEFAULT false,
    CONSTRAINT category_path CHECK (cardinality(path) = level AND path[level] = id),
    CONSTRAINT category_root CHECK ((parent_id IS NULL) = (level = 1))
);
CREATE INDEX category_by_parent ON category (parent_id, id);
CREATE INDEX category_below ON category USING gin (path);

CREATE TABLE region (
    code integer PRIMARY KEY,                  -- of the National Bureau of Statistics; 71, 81, 82 ours
    parent_code integer,
    level smallint NOT NULL CONSTRAINT region_level CHECK (level BETWEEN 1 AND 4),
    name text NOT NULL,
    is_hidden boolean NOT NULL,                -- a name nobody writes: its children are shown instead
    is_leaf boolean NOT NULL,
    is_retired boolean NOT NULL DEFAULT false,
    CONSTRAINT region_root CHECK ((parent_code IS NULL) = (level = 1))
);
CREATE INDEX region_by_parent ON region (parent_code, code);
