-- Send money back that was paid a second time: a part per order that never pays it, and its refund.
-- in:     p_cell, p_cells of the orders; per item the order, the payment the money stands under, amount
--         minor, provider, a fresh refund id, the instant
-- out:    nothing
-- writes: payment_part, refund, ledger (through ledger_post), outbox
-- locks:  ledger accounts
-- index:  primary keys
CREATE OR REPLACE FUNCTION return_doubles(
    p_cell smallint, p_cells smallint[], o_id bigint[], o_payment bigint[], o_amount bigint[],
    o_provider text[], o_refund bigint[], o_at timestamptz[]
) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    WITH item AS MATERIALIZED (
        SELECT i.*, cell_of(i.id) AS cell
        FROM unnest(o_id, o_payment, o_amount, o_provider, o_refund, o_at)
            i(id, payment, amount, provider, refund, at)
    ), parted AS (
        INSERT INTO payment_part (cell, order_id, payment_id, provider, amount_minor, refunded_minor,
            outcome, taken_at)
        SELECT cell, id, payment, provider, amount, amount, 'returned', at FROM item
    ), asked AS (
        INSERT INTO refund (cell, id, order_id, payment_id, provider, amount_minor, state, why,
            retry_at, asked_at)
        SELECT cell, refund, id, payment, provider, amount, 'asked', 'late_payment', at, at FROM item
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT i.cell, 'orders.payment_returned', i.id, jsonb_build_object('order_id', i.id::text,
        'buyer_id', o.buyer_id::text, 'shop_id', o.shop_id::text, 'refund_id', i.refund::text,
        'amount_minor', i.amount), i.at
    FROM item i JOIN sale_order o ON o.cell = i.cell AND o.id = i.id
    WHERE true
        AND o.cell = ANY (p_cells)  -- cluster only
    ;

    PERFORM ledger_post(b.cells, b.kinds, b.orders, b.subjects, b.ats,
        b.transfers, b.accounts, b.parties, b.amounts)
    FROM (
        WITH booked AS MATERIALIZED (
            SELECT row_number() OVER ()::integer AS n, cell_of(i.id) AS cell, i.*
            FROM unnest(o_id, o_payment, o_amount, o_provider, o_at) i(id, payment, amount, provider, at)
        ), posting AS (
            SELECT n, 'gateway:' || provider AS account, amount FROM booked
            UNION ALL SELECT n, 'clearing:refund', -amount FROM booked
        )
        SELECT * FROM
            (SELECT array_agg(cell ORDER BY n) AS cells, array_agg('late_return'::text) AS kinds,
                array_agg(id ORDER BY n) AS orders, array_agg(payment ORDER BY n) AS subjects,
                array_agg(at ORDER BY n) AS ats FROM booked) t,
            (SELECT array_agg(n) AS transfers, array_agg(account) AS accounts,
                array_agg(0::bigint) AS parties, array_agg(amount) AS amounts FROM posting) p
    ) b;
END
$$;
