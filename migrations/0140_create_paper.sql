-- Pictures shown only to a shop and to operators: licences, permits, evidence. Owner: media. No public address leads there.
CREATE TABLE paper (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT paper_sha256 CHECK (length(sha256) = 32),  -- of the file as uploaded
    width integer NOT NULL CONSTRAINT paper_width CHECK (width > 0),
    height integer NOT NULL CONSTRAINT paper_height CHECK (height > 0),
    bytes integer NOT NULL CONSTRAINT paper_bytes CHECK (bytes > 0),
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT paper_cell CHECK (cell = cell_of(id)),
    CONSTRAINT paper_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT paper_once UNIQUE (cell, shop_id, sha256)
);
