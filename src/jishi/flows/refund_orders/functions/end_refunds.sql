-- Record what became of refunds at their provider: money has left (clearing → gateway) or it failed.
-- in:     p_cell, p_cells of the refunds; per item the refund, amount minor, whether it succeeded, the
--         provider's reference, the instant
-- out:    one verdict per item, same order: confirmed · failed · repeat · unknown · wrong_amount
-- writes: refund, ledger (through ledger_post), outbox
-- locks:  refund by (cell, id), then ledger accounts
-- rule:   jishi.modules.payments.rules.judge_refund_news
CREATE OR REPLACE FUNCTION end_refunds(
    p_cell smallint, p_cells smallint[], r_id bigint[], r_amount bigint[], r_success boolean[],
    r_ref text[], r_at timestamptz[]
) RETURNS text[]
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    verdicts text[];
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT i.id FROM unnest(r_id) i(id)) i
    JOIN refund r ON r.cell = cell_of(i.id) AND r.id = i.id
    WHERE true
        AND r.cell = ANY (p_cells)  -- cluster only
    ORDER BY r.cell, r.id FOR NO KEY UPDATE OF r;

    WITH alone AS (  -- each item as if it were the only one
        SELECT i.id, i.at,
            CASE WHEN r.id IS NULL THEN 'unknown'
                 WHEN r.amount_minor <> i.amount THEN 'wrong_amount'
                 WHEN r.state = 'confirmed' THEN 'repeat'
                 WHEN i.success THEN 'confirmed'
                 WHEN r.state = 'failed' THEN 'repeat'
                 ELSE 'failed' END AS verdict
        FROM unnest(r_id, r_amount, r_success) WITH ORDINALITY i(id, amount, success, at)
        LEFT JOIN refund r ON r.cell = cell_of(i.id) AND r.id = i.id
    )
    SELECT array_agg(CASE WHEN a.verdict IN ('confirmed', 'failed') AND a.paid_before THEN 'repeat'
        WHEN a.verdict = 'failed' AND a.nth > 1 THEN 'repeat' ELSE a.verdict END ORDER BY a.at)
    INTO verdicts
    FROM (SELECT *, row_number() OVER (PARTITION BY id, verdict ORDER BY at) AS nth,
              count(*) FILTER (WHERE verdict = 'confirmed') OVER (PARTITION BY id ORDER BY at
                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > 0 AS paid_before FROM alone) a;

    PERFORM ledger_post(b.cells, b.kinds, b.orders, b.subjects, b.ats,
        b.transfers, b.accounts, b.parties, b.amounts)
    FROM (
        WITH booked AS MATERIALIZED (
            SELECT row_number() OVER ()::integer AS n, r.cell, r.order_id, r.id, r.provider,
                r.amount_minor AS amount, i.at
            FROM unnest(r_id, r_at, verdicts) i(id, at, verdict)
            JOIN refund r ON r.cell = cell_of(i.id) AND r.id = i.id
            WHERE i.verdict = 'confirmed'
        ), posting AS (
            SELECT n, 'clearing:refund' AS account, 0::bigint AS party, amount FROM booked
            UNION ALL SELECT n, 'gateway:' || provider, 0, -amount FROM booked
        )
        SELECT * FROM
            (SELECT array_agg(cell ORDER BY n) AS cells, array_agg('refund_paid'::text) AS kinds,
                array_agg(order_id ORDER BY n) AS orders, array_agg(id ORDER BY n) AS subjects,
                array_agg(at ORDER BY n) AS ats FROM booked) t,
            (SELECT array_agg(n) AS transfers, array_agg(account) AS accounts,
                array_agg(party) AS parties, array_agg(amount) AS amounts FROM posting) p
    ) b;

    WITH ended AS (
        UPDATE refund r SET state = i.verdict, ended_at = i.at, retry_at = NULL,
            provider_ref = coalesce(i.ref, r.provider_ref)
        FROM (  -- a failure followed by success in one batch ends confirmed
            SELECT DISTINCT ON (n.id) n.* FROM unnest(r_id, r_ref, r_at, verdicts) n(id, ref, at, verdict)
            WHERE n.verdict IN ('confirmed', 'failed') ORDER BY n.id, n.verdict = 'confirmed' DESC) i
        WHERE r.cell = cell_of(i.id) AND r.id = i.id
        RETURNING r.cell, r.id, r.order_id, r.amount_minor, r.state, i.at
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT e.cell, 'refunds.' || e.state, e.id, jsonb_build_object('refund_id', e.id::text,
        'order_id', e.order_id::text, 'buyer_id', o.buyer_id::text, 'amount_minor', e.amount_minor), e.at
    FROM ended e JOIN sale_order o ON o.cell = e.cell AND o.id = e.order_id;
    RETURN verdicts;
END
$$;
