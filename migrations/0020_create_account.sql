-- People, the names they sign in with, their sessions, platform roles and one-time codes.
-- Owner: accounts. All but login and one_time_code lie in the account's cell.
CREATE TABLE account (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL CONSTRAINT account_name CHECK (length(name) BETWEEN 1 AND 40),
    locale text CONSTRAINT account_locale CHECK (locale IN ('zh-CN', 'en')),
    password_hash text,                        -- argon2id; NULL: signs in with one-time codes only
    password_changed_at timestamptz,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT account_cell CHECK (cell = cell_of(id)),
    CONSTRAINT account_closed_forgets CHECK (closed_at IS NULL OR password_hash IS NULL)
);

-- The directory of sign-in names: its cell is computed from the value (kit.ids.cell_for), so the key
-- holds in the whole market. phone: E.164; mail: lower case, domain in ASCII.
CREATE TABLE login (
    cell smallint NOT NULL,
    kind text NOT NULL CONSTRAINT login_kind CHECK (kind IN ('phone', 'mail')),
    value text NOT NULL CONSTRAINT login_value CHECK (length(value) BETWEEN 3 AND 254),
    account_id bigint NOT NULL,
    added_at timestamptz NOT NULL,
    verified_at timestamptz,                   -- when a one-time code proved that it is theirs
    PRIMARY KEY (cell, kind, value)
);
CREATE INDEX login_by_account ON login (account_id);

CREATE TABLE session (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT session_token_hash CHECK (length(token_hash) = 32),
    device text NOT NULL DEFAULT '' CONSTRAINT session_device CHECK (length(device) <= 80),
    is_api boolean NOT NULL DEFAULT false,     -- opened for a program rather than a browser
    by_code boolean NOT NULL DEFAULT false,    -- opened with a one-time code
    opened_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,              -- to within five minutes
    expires_at timestamptz NOT NULL,           -- however much it is used
    ended_at timestamptz,
    PRIMARY KEY (cell, id),
    CONSTRAINT session_token UNIQUE (cell, token_hash),
    CONSTRAINT session_cell CHECK (cell = cell_of(id)),
    CONSTRAINT session_account_cell CHECK (cell = cell_of(account_id))
) WITH (fillfactor = 85);
CREATE INDEX session_by_account ON session (cell, account_id, id DESC) WHERE ended_at IS NULL;
CREATE INDEX session_age ON session (expires_at);

CREATE TABLE platform_role (
    cell smallint NOT NULL,
    account_id bigint NOT NULL,
    role text NOT NULL CONSTRAINT platform_role_known CHECK (role IN ('operator')),
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (cell, account_id, role),
    CONSTRAINT platform_role_cell CHECK (cell = cell_of(account_id))
);

-- The newest code sent to a phone or e-mail for one purpose; in the cell of the value.
CREATE TABLE one_time_code (
    cell smallint NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    purpose text NOT NULL CONSTRAINT one_time_code_purpose CHECK (purpose IN ('enter', 'add_login')),
    account_id bigint,                         -- for add_login: whose name it is to become
    code_hash bytea NOT NULL,
    tries_left smallint NOT NULL CONSTRAINT one_time_code_tries CHECK (tries_left >= 0),
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (cell, kind, value, purpose)
);
CREATE INDEX one_time_code_age ON one_time_code (expires_at);
