-- The transfers of a shop's days that are not closed. One that came after its own day was closed belongs to
-- the first open day.
-- in:     p_cell, p_shop, p_zone the market's time zone
-- out:    as statement_lines, with the day
-- index:  statement_mark primary key, and those of statement_lines
-- rule:   jishi.modules.payouts.rules_statement.day_of
CREATE OR REPLACE FUNCTION statement_open_lines(p_cell smallint, p_shop bigint, p_zone text)
RETURNS TABLE (transfer_id bigint, kind text, order_id bigint, subject_id bigint, occurred_at timestamptz,
    change_minor bigint, fee_minor bigint, day date)
LANGUAGE sql STABLE
AS $$
    SELECT l.*, greatest((l.occurred_at AT TIME ZONE p_zone)::date, m.open_from)
    FROM (SELECT) one
    LEFT JOIN statement_mark m ON m.cell = p_cell AND m.shop_id = p_shop
    CROSS JOIN LATERAL statement_lines(p_cell, p_shop, coalesce(m.first_open_id, 0), 9223372036854775807) l
    WHERE m.last_id IS NULL OR l.transfer_id > m.last_id OR l.occurred_at >= m.open_from_at
$$;
