-- Which line of a shop's statement a kind of transfer belongs to.
-- in:     the kind
-- out:    sales · refunds · penalties · compensation · deposits · withdrawals · other
-- rule:   jishi.modules.payouts.rules_statement.PARTS
CREATE OR REPLACE FUNCTION statement_part(p_kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN p_kind = 'complete' THEN 'sales'
        WHEN p_kind = 'refund_settled' THEN 'refunds'
        WHEN p_kind IN ('penalty', 'penalty_back') THEN 'penalties'
        WHEN p_kind = 'compensation' THEN 'compensation'
        WHEN p_kind IN ('deposit', 'deposit_back') THEN 'deposits'
        WHEN p_kind IN ('withdraw', 'withdraw_failed', 'withdraw_returned') THEN 'withdrawals'
        ELSE 'other' END
$$;
