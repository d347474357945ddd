-- Record a provider's news that payments were made: once each, before any order hears of it.
-- in:     p_cell, p_cells of the payments; per item provider, event id, payment, amount minor, the
--         provider's own reference, the instant
-- out:    one verdict per item, same order: recorded · repeat (paid before) · wrong_amount · unknown
-- writes: payment, payment_callback, outbox
-- locks:  payment by (cell, id)
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

    SELECT array_agg(
        CASE WHEN p.id IS NULL OR p.provider <> n.provider THEN 'unknown'
             WHEN p.amount_minor <> n.amount THEN 'wrong_amount'
             WHEN p.state = 'paid' OR n.nth > 1 THEN 'repeat'
             ELSE 'recorded' END ORDER BY n.at)
    INTO verdicts
    FROM (SELECT w.*, row_number() OVER (PARTITION BY w.id, w.provider, w.amount ORDER BY w.at) AS nth
          FROM unnest(n_payment, n_provider, n_amount) WITH ORDINALITY w(id, provider, amount, at)) n
    LEFT JOIN payment p ON p.cell = cell_of(n.id) AND p.id = n.id;

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
    ), paid AS (
        UPDATE payment p SET state = 'paid', paid_at = n.at, check_at = NULL,
            provider_ref = coalesce(p.provider_ref, n.ref)
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
