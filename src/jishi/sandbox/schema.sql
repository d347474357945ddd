-- State of the sandbox. Instants are whole milliseconds since 1970 UTC.
CREATE TABLE IF NOT EXISTS payment (
    trade_no TEXT PRIMARY KEY,
    out_trade_no TEXT NOT NULL UNIQUE,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    subject TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    return_url TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'closed')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    paid_at INTEGER,
    closed_at INTEGER,
    method TEXT,
    refund_behaviour TEXT NOT NULL,
    refunded_minor INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    CHECK ((state = 'paid') = (paid_at IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS payment_lapsing ON payment (expires_at) WHERE state = 'open';
CREATE INDEX IF NOT EXISTS payment_by_day ON payment (paid_at) WHERE state = 'paid';

CREATE TABLE IF NOT EXISTS refund (
    refund_no TEXT PRIMARY KEY,
    out_refund_no TEXT NOT NULL UNIQUE,
    out_trade_no TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed')),
    asked_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    ended_at INTEGER,
    tries INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refund_ending ON refund (ends_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS refund_by_day ON refund (ended_at) WHERE state = 'succeeded';

CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    out_trade_no TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'done', 'given_up')),
    first_due_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    last_try_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    last_ms INTEGER
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at, id) WHERE state = 'due';
CREATE INDEX IF NOT EXISTS delivery_old ON delivery (last_try_at) WHERE state <> 'due';
CREATE INDEX IF NOT EXISTS delivery_by_payment ON delivery (out_trade_no, id);

CREATE TABLE IF NOT EXISTS nonce (
    nonce TEXT PRIMARY KEY,
    used_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonce_age ON nonce (used_at);
