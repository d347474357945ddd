-- Record a provider's news that payments were made: once each, before any order hears of it.
-- A provider the buyer left for another one is heard, too: what comes first pays; what comes second
-- through another provider is double, and the caller sends it back in the same transaction.
-- in:     p_cell, p_cells of the payments; per item provider, event id, payment, amount minor, the
--         provider's own reference, the instant
-- out:    one verdict per item, same order: recorded · repeat (paid before) · double · wrong_amount ·
--         unknown
-- writes: payment, payment_ask, payment_callback, outbox
-- locks:  payment by (cell, id)
-- index:  primary keys of payment and payment_ask
-- rule:   jishi.modules.payments.rules.judge_news
CREATE OR REPLACE FUNCTION record_payments(
    p_cell smallint, p_cells smallint[], n_provider text[], n_event text[], n_payment bigint[],
    n_amount bigint[], n_ref text[], n_at timestamptz[]
) RETURNS text[]
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    verdicts text[];
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT n.id FROM unnest(n_payment) n(id)) n
    JOIN payment p ON p.cell = cell_of(n.id) AND p.id = n.id
    WHERE true
        AND p.cell = ANY (p_cells)  -- cluster only
    ORDER BY p.cell, p.id FOR NO KEY UPDATE OF p;

    WITH alone AS MATERIALIZED (  -- each item as if it were the only one
        SELECT n.*, p.state = 'paid' AS is_paid, p.provider AS payer, a.double_id,
            CASE WHEN p.id IS NULL OR (p.provider <> n.provider AND a.payment_id IS NULL) THEN 'unknown'
                 WHEN p.amount_minor <> n.amount THEN 'wrong_amount'
                 ELSE 'fits' END AS verdict
        FROM unnest(n_payment, n_provider, n_amount) WITH ORDINALITY n(id, provider, amount, at)
        LEFT JOIN payment p ON p.cell = cell_of(n.id) AND p.id = n.id
        LEFT JOIN payment_ask a ON a.cell = p.cell AND a.payment_id = p.id AND a.provider = n.provider
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY id, provider, verdict ORDER BY at) AS nth,
            CASE WHEN is_paid THEN payer
                 ELSE first_value(provider) OVER (PARTITION BY id, verdict ORDER BY at) END AS first_payer
        FROM alone
    )
    SELECT array_agg(
        CASE WHEN verdict <> 'fits' THEN verdict
             WHEN provider = first_payer THEN
                 CASE WHEN is_paid OR nth > 1 THEN 'repeat' ELSE 'recorded' END
             WHEN double_id IS NOT NULL OR nth > 1 THEN 'repeat'
             ELSE 'double' END ORDER BY at)
    INTO verdicts FROM ranked;

    WITH news AS MATERIALIZED (
        SELECT n.*, CASE n.verdict WHEN 'unknown' THEN 0::smallint ELSE cell_of(n.id) END AS cell
        FROM unnest(n_provider, n_event, n_payment, n_amount, n_ref, n_at, verdicts)
            n(provider, event, id, amount, ref, at, verdict)
    ), kept AS (
        INSERT INTO payment_callback (cell, provider, event_id, kind, payment_id, amount_minor, verdict,
            received_at)
        SELECT DISTINCT ON (cell, provider, event)
            cell, provider, event, 'payment.paid', id, amount, verdict, at FROM news
        ORDER BY cell, provider, event, at
        ON CONFLICT (cell, provider, event_id) DO NOTHING
    ), left_open AS (  -- the buyer had gone back to the provider he left first: the other page stands
        INSERT INTO payment_ask (cell, payment_id, provider, provider_ref, pay_url, check_at)
        SELECT p.cell, p.id, p.provider, p.provider_ref, p.pay_url, n.at
        FROM news n JOIN payment p ON p.cell = n.cell AND p.id = n.id
        WHERE n.verdict = 'recorded' AND p.provider <> n.provider AND p.asked_at IS NOT NULL
        ON CONFLICT (cell, payment_id, provider) DO UPDATE SET provider_ref = excluded.provider_ref,
            pay_url = excluded.pay_url, check_at = excluded.check_at
    ), closing AS (  -- pages at other providers are closed now rather than later
        UPDATE payment_ask a SET check_at = CASE WHEN a.provider <> n.provider THEN n.at END
        FROM news n JOIN payment p ON p.cell = n.cell AND p.id = n.id
        WHERE n.verdict = 'recorded' AND a.cell = n.cell AND a.payment_id = n.id
            AND a.provider <> p.provider
    ), paid AS (
        UPDATE payment p SET state = 'paid', paid_at = n.at, check_at = NULL, provider = n.provider,
            provider_ref = coalesce(n.ref, p.provider_ref)
        FROM news n WHERE n.verdict = 'recorded' AND p.cell = n.cell AND p.id = n.id
        RETURNING p.cell, p.id, p.buyer_id, p.amount_minor, p.order_ids, n.at
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'payments.recorded', id, jsonb_build_object('payment_id', id::text,
        'buyer_id', buyer_id::text, 'amount_minor', amount_minor), at
    FROM paid;
    RETURN verdicts;
END
$$;
