-- What transfers changed of what a shop has: payable less what it owes, and the market's fee in it.
-- in:     p_cell, p_shop, p_first and p_last transfer id
-- out:    a row per transfer: change_minor (+ came), fee_minor its part (− taken, + given back); set-offs change nothing
-- index:  ledger_posting_by_account; ledger_transfer and ledger_posting primary keys
CREATE OR REPLACE FUNCTION statement_lines(p_cell smallint, p_shop bigint, p_first bigint, p_last bigint)
RETURNS TABLE (transfer_id bigint, kind text, order_id bigint, subject_id bigint, occurred_at timestamptz,
    change_minor bigint, fee_minor bigint)
LANGUAGE sql STABLE
AS $$
    SELECT o.transfer_id, t.kind, t.order_id, t.subject_id, t.occurred_at, o.change,
        CASE WHEN t.kind IN ('complete', 'refund_settled') THEN (
            SELECT coalesce(sum(f.amount_minor), 0)::bigint FROM ledger_posting f
            WHERE f.cell = p_cell AND f.transfer_id = o.transfer_id AND f.kind = 'fee') ELSE 0 END
    FROM (
        SELECT p.transfer_id, -sum(p.amount_minor)::bigint AS change
        FROM (VALUES ('payable:shop'), ('receivable:shop')) k(kind)
        JOIN ledger_posting p ON p.cell = p_cell AND p.kind = k.kind AND p.party_id = p_shop
            AND p.transfer_id BETWEEN p_first AND p_last
        GROUP BY p.transfer_id
    ) o
    JOIN ledger_transfer t ON t.cell = p_cell AND t.id = o.transfer_id
$$;
