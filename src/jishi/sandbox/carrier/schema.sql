-- State of the carrier. Instants are whole milliseconds since 1970 UTC.
CREATE TABLE IF NOT EXISTS series (
    carrier TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS waybill (
    number TEXT PRIMARY KEY,
    out_no TEXT NOT NULL,
    carrier TEXT NOT NULL,
    route TEXT NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0,
    digest TEXT NOT NULL,
    UNIQUE (carrier, out_no)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS track (
    carrier TEXT NOT NULL,
    number TEXT NOT NULL,
    shipped_at INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    origin TEXT NOT NULL,
    target TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    fate TEXT NOT NULL,
    told INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER,
    PRIMARY KEY (carrier, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS track_due ON track (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS post (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notify_url TEXT NOT NULL,
    body BLOB NOT NULL,
    first_due_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'done', 'given_up')),
    last_status INTEGER
);
CREATE INDEX IF NOT EXISTS post_due ON post (due_at, id) WHERE state = 'due';
