-- Links that let someone join a shop's staff, once. Owner: shops. Only a hash of the token is kept.
CREATE TABLE shop_invitation (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    role text NOT NULL CONSTRAINT shop_invitation_role CHECK (role IN ('manager', 'clerk', 'warehouse')),
    token_hash bytea NOT NULL,
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_by bigint,
    accepted_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT shop_invitation_cell CHECK (cell = cell_of(id)),
    CONSTRAINT shop_invitation_shop_cell CHECK (cell = cell_of(shop_id)),
    CONSTRAINT shop_invitation_accepted CHECK ((accepted_by IS NULL) = (accepted_at IS NULL)),
    CONSTRAINT shop_invitation_one_end CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE INDEX shop_invitation_open ON shop_invitation (cell, shop_id, id DESC)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
