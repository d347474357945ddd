-- The live session of a token, its person and platform roles.
-- in:    $1 smallint cell, $2 bytea hash of the token, $3 timestamptz now, $4 timestamptz unused
--        since then is over (now - accounts.IDLE)
-- out:   one row or none
-- index: session_token, account_pkey, platform_role_pkey
-- rule:  jishi.modules.accounts.rules.is_live
SELECT s.id AS session_id, s.account_id, s.used_at, a.name, a.locale,
    ARRAY(SELECT role FROM platform_role r
          WHERE r.cell = s.cell AND r.account_id = s.account_id) AS platform_roles
FROM session s
JOIN account a ON a.cell = s.cell AND a.id = s.account_id
WHERE s.cell = $1 AND s.token_hash = $2 AND s.ended_at IS NULL
  AND s.expires_at > $3 AND s.used_at > $4 AND a.closed_at IS NULL;
