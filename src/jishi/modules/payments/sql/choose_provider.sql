-- Let an open payment be paid at a provider; the one it was asked at before is kept as left.
-- in:     $1 smallint cell, $2 bigint payment, $3 timestamptz now, $4 timestamptz when to ask what
--         became of it, $5 text the provider chosen
-- out:    the payment as it is now; no row when it is not open any more
-- writes: payment, payment_ask
-- locks:  the payment
-- index:  primary keys
-- rule:   jishi.modules.payments.rules.may_open
WITH before AS (
    SELECT * FROM payment WHERE cell = $1 AND id = $2 AND state = 'open' AND expires_at > $3
    FOR NO KEY UPDATE
), known AS (  -- what a former visit to the chosen one left behind
    SELECT a.provider_ref, a.pay_url FROM payment_ask a, before b
    WHERE a.cell = b.cell AND a.payment_id = b.id AND a.provider = $5
), kept AS (
    INSERT INTO payment_ask (cell, payment_id, provider, provider_ref, pay_url, check_at)
    SELECT cell, id, provider, provider_ref, pay_url, $4 FROM before
    WHERE provider <> $5 AND asked_at IS NOT NULL
    ON CONFLICT (cell, payment_id, provider) DO UPDATE SET provider_ref = excluded.provider_ref,
        pay_url = excluded.pay_url, check_at = excluded.check_at
), back AS (  -- the chosen one is asked after as the payment's own
    UPDATE payment_ask a SET check_at = NULL FROM before b
    WHERE a.cell = b.cell AND a.payment_id = b.id AND a.provider = $5
)
UPDATE payment p SET provider = $5, asked_at = coalesce(p.asked_at, $3),
    check_at = coalesce(p.check_at, $4),
    provider_ref = CASE WHEN b.provider = $5 THEN p.provider_ref ELSE (SELECT provider_ref FROM known) END,
    pay_url = CASE WHEN b.provider = $5 THEN p.pay_url ELSE (SELECT pay_url FROM known) END
FROM before b WHERE p.cell = b.cell AND p.id = b.id
RETURNING p.*
