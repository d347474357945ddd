-- Ground: node leases, outbox, listeners' cursors, idempotency, timed work. Owner: db.

CREATE FUNCTION cell_of(id bigint) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ((id >> 14) & 255)::smallint;

-- A process holds one node number while it runs, so that two processes never mint the same id.
CREATE TABLE node_lease (
    node smallint PRIMARY KEY CHECK (node BETWEEN 0 AND 255),
    holder text NOT NULL,
    leased_until timestamptz NOT NULL,
    last_ms bigint NOT NULL DEFAULT 0  -- newest millisecond the last holder may have used
);

-- Facts of the past, one row in the transaction of the change.
CREATE TABLE outbox (
    cell smallint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    topic text NOT NULL,
    subject_id bigint NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- Readers go by (xid, position) below pg_snapshot_xmin: a running transaction may hold a lower
    -- position than one that has committed, but never a lower xid than that horizon.
    PRIMARY KEY (cell, xid, position)
);

CREATE TABLE outbox_cursor (
    cell smallint NOT NULL,
    listener text NOT NULL,
    xid xid8 NOT NULL DEFAULT '0',
    position bigint NOT NULL DEFAULT 0,
    moved_at timestamptz,
    PRIMARY KEY (cell, listener)
);

-- Events a listener could not take: tried again with growing pauses, then shown to the operator.
CREATE TABLE outbox_parked (
    cell smallint NOT NULL,
    listener text NOT NULL,
    position bigint NOT NULL,
    topic text NOT NULL,
    subject_id bigint NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    last_error text NOT NULL,
    retry_at timestamptz,
    parked_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (cell, listener, position)
);
CREATE INDEX outbox_parked_open ON outbox_parked (retry_at) WHERE done_at IS NULL;

-- First answers of commands that came through the API outside the hot path.
CREATE TABLE idempotency (
    cell smallint NOT NULL,
    account_id bigint NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    route text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    answer bytea NOT NULL,
    stored_at timestamptz NOT NULL,
    PRIMARY KEY (cell, account_id, key)
);
CREATE INDEX idempotency_age ON idempotency (stored_at);

-- When each timed job last ran and how it went; the row is its lock.
CREATE TABLE timed_job (
    name text PRIMARY KEY,
    due_at timestamptz NOT NULL,
    ran_at timestamptz,
    took_ms integer,
    done integer,
    last_error text
);
