-- How often something was tried lately. Owner: web.limits. Unlogged: after a crash all start afresh.
CREATE UNLOGGED TABLE rate_bucket (
    cell smallint NOT NULL,                    -- of the key (kit.ids.cell_for)
    key text NOT NULL,
    free_at timestamptz NOT NULL,              -- when everything taken so far is paid back
    slack interval NOT NULL,                   -- how far ahead of the clock free_at may run
    PRIMARY KEY (cell, key)
) WITH (fillfactor = 70);
CREATE INDEX rate_bucket_age ON rate_bucket (free_at);
