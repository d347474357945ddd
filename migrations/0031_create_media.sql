-- Pictures of shops. Owner: media. The bytes lie in the file store under their hash; a row is written after them.
CREATE TABLE media (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT media_sha256 CHECK (length(sha256) = 32),  -- of the file as uploaded
    width integer NOT NULL CONSTRAINT media_width CHECK (width > 0),
    height integer NOT NULL CONSTRAINT media_height CHECK (height > 0),
    bytes integer NOT NULL CONSTRAINT media_bytes CHECK (bytes > 0),
    kind text NOT NULL CONSTRAINT media_kind CHECK (kind IN ('jpeg', 'png', 'webp', 'gif')),  -- as uploaded
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (cell, id),
    CONSTRAINT media_cell CHECK (cell = cell_of(id)),
    CONSTRAINT media_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT media_once UNIQUE (cell, shop_id, sha256)
);
