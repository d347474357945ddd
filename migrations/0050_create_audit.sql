-- What operators did by hand: who, when, what, to which subject. Owner: audit. In the actor's cell.
CREATE TABLE audit (
    cell smallint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    account_id bigint NOT NULL,
    action text NOT NULL CONSTRAINT audit_action CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),  -- refund.sent_again …
    subject text NOT NULL,                     -- as the page names it: an id, or listener/cell/position
    facts jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (cell, position),
    CONSTRAINT audit_cell CHECK (cell = cell_of(account_id))
);
CREATE INDEX audit_newest ON audit (occurred_at DESC, position DESC);
