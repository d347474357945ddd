-- What a shop's money stands at: payable, debts, what waits in the settlement cycle or for open cases.
-- in:     p_cell, p_shop, p_now
-- out:    one row, minor units; days of the cycle in force at p_now (7 before the first terms)
-- locks:  none; whoever decides by it holds the shop's accounts
-- index:  ledger_account, settlement_terms and sale_order primary keys; sale_order_closed;
--         aftersale_case_queue, withdrawal_under_way
-- rule:   jishi.modules.payouts.rules.standing
CREATE OR REPLACE FUNCTION payout_standing(p_cell smallint, p_shop bigint, p_now timestamptz)
RETURNS TABLE (payable_minor bigint, owed_minor bigint, days integer, in_cycle_minor bigint,
    disputed_minor bigint, on_way_minor bigint, withdrawable_minor bigint)
LANGUAGE sql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_sort = off
SET enable_bitmapscan = off
AS $$
    WITH terms AS (
        SELECT coalesce((SELECT t.days FROM settlement_terms t
            WHERE t.cell = p_cell AND t.shop_id = p_shop AND t.since <= p_now
            ORDER BY t.since DESC LIMIT 1), 7)::integer AS days
    ), account AS (
        SELECT coalesce(sum(a.credit_minor - a.debit_minor) FILTER (WHERE a.kind = 'payable:shop'), 0)::bigint
                AS payable,
            coalesce(sum(a.debit_minor - a.credit_minor) FILTER (WHERE a.kind = 'receivable:shop'), 0)::bigint
                AS owed
        FROM ledger_account a
        WHERE a.cell = p_cell AND a.kind IN ('payable:shop', 'receivable:shop') AND a.party_id = p_shop
    ), cycle AS (
        SELECT coalesce(sum(o.net), 0)::bigint AS net FROM (
            SELECT o.amount_minor - o.refunded_minor - o.refunded_platform_minor - o.refunded_creator_minor
                - o.fee_minor AS net
            FROM sale_order o
            WHERE o.cell = p_cell AND o.shop_id = p_shop AND o.state IN (100, 200) AND o.state + 0 = 100
                AND o.closed_at > p_now - (SELECT days FROM terms) * interval '1 day'
            ORDER BY o.closed_at DESC, o.id DESC OFFSET 0  -- the order of the index that knows when they closed
        ) o
    ), dispute AS (
        SELECT coalesce(sum(least(h.held, o.net)), 0)::bigint AS net
        FROM (SELECT order_id, sum(amount_minor) AS held FROM aftersale_case
              WHERE cell = p_cell AND shop_id = p_shop AND deadline IS NOT NULL GROUP BY 1) h
        CROSS JOIN LATERAL (
            SELECT o.amount_minor - o.refunded_minor - o.refunded_platform_minor - o.refunded_creator_minor
                - o.fee_minor AS net
            FROM sale_order o
            WHERE o.cell = p_cell AND o.id = h.order_id AND o.state + 0 = 100
                AND o.closed_at <= p_now - (SELECT days FROM terms) * interval '1 day'
            OFFSET 0  -- an order per case, never the cases per order
        ) o
    ), way AS (
        SELECT coalesce(sum(w.amount_minor), 0)::bigint AS minor FROM withdrawal w
        WHERE w.cell = p_cell AND w.shop_id = p_shop AND w.state IN ('asked', 'approved', 'sent')
    )
    SELECT a.payable, a.owed, t.days, c.net, d.net, y.minor,
        greatest(0, a.payable - a.owed - c.net - d.net)
    FROM terms t, account a, cycle c, dispute d, way y
$$;
