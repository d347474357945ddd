-- Close the days of some shops up to a cut: sum up what happened on each, and remember where the rest begins.
-- in:     $1 smallint[] cells, $2 bigint[] shops, $3 date the first day that stays open, $4 timestamptz its
--         first instant, $5 text time zone of the market
-- out:    how many days were closed
-- writes: statement_day, statement_mark
-- locks:  statement_mark rows it writes
-- index:  those of statement_open_lines
-- rule:   jishi.modules.payouts.rules_statement.days_of
WITH shop AS (
    SELECT s.cell, s.shop_id, coalesce(m.balance_minor, 0) AS balance_minor, coalesce(m.last_id, 0) AS last_id,
        m.open_from
    FROM unnest($1::smallint[], $2::bigint[]) s(cell, shop_id)
    LEFT JOIN statement_mark m ON m.cell = s.cell AND m.shop_id = s.shop_id
    WHERE m.open_from IS NULL OR m.open_from < $3
), line AS MATERIALIZED (
    SELECT s.cell, s.shop_id, l.*, statement_part(l.kind) AS part
    FROM shop s CROSS JOIN LATERAL statement_open_lines(s.cell, s.shop_id, $5) l
), closed AS (
    SELECT cell, shop_id, day, sum(change_minor)::bigint AS change_minor, sum(fee_minor)::bigint AS fees_minor,
        coalesce(sum(change_minor - fee_minor) FILTER (WHERE part = 'sales'), 0)::bigint AS sales_minor,
        coalesce(sum(change_minor - fee_minor) FILTER (WHERE part = 'refunds'), 0)::bigint AS refunds_minor,
        coalesce(sum(change_minor) FILTER (WHERE part = 'penalties'), 0)::bigint AS penalties_minor,
        coalesce(sum(change_minor) FILTER (WHERE part = 'compensation'), 0)::bigint AS compensation_minor,
        coalesce(sum(change_minor) FILTER (WHERE part = 'deposits'), 0)::bigint AS deposits_minor,
        coalesce(sum(change_minor) FILTER (WHERE part = 'withdrawals'), 0)::bigint AS withdrawals_minor,
        coalesce(sum(change_minor) FILTER (WHERE part = 'other'), 0)::bigint AS other_minor,
        count(*)::integer AS transfers, min(transfer_id) AS first_id, max(transfer_id) AS last_id
    FROM line WHERE day < $3 GROUP BY cell, shop_id, day
), running AS (
    SELECT c.*, CASE WHEN c.day = s.open_from THEN s.last_id END AS late_after_id,
        (s.balance_minor + sum(c.change_minor) OVER (PARTITION BY c.cell, c.shop_id ORDER BY c.day))::bigint
            AS closing_minor
    FROM closed c JOIN shop s ON s.cell = c.cell AND s.shop_id = c.shop_id
), kept AS (
    INSERT INTO statement_day (cell, shop_id, day, opening_minor, sales_minor, fees_minor, refunds_minor,
        penalties_minor, compensation_minor, deposits_minor, withdrawals_minor, other_minor, closing_minor,
        transfers, first_id, last_id, late_after_id)
    SELECT cell, shop_id, day, closing_minor - change_minor, sales_minor, fees_minor, refunds_minor,
        penalties_minor, compensation_minor, deposits_minor, withdrawals_minor, other_minor, closing_minor,
        transfers, first_id, last_id, late_after_id
    FROM running
    RETURNING cell, shop_id
), seen AS (
    SELECT s.cell, s.shop_id,
        s.balance_minor + coalesce(sum(l.change_minor) FILTER (WHERE l.day < $3), 0) AS balance_minor,
        greatest(s.last_id, max(l.transfer_id)) AS last_id,
        min(l.transfer_id) FILTER (WHERE l.day >= $3) AS first_open_id
    FROM shop s LEFT JOIN line l ON l.cell = s.cell AND l.shop_id = s.shop_id
    GROUP BY s.cell, s.shop_id, s.balance_minor, s.last_id
), marked AS (
    INSERT INTO statement_mark (cell, shop_id, open_from, open_from_at, balance_minor, first_open_id, last_id)
    SELECT cell, shop_id, $3, $4, balance_minor,
        -- Numbers are drawn before they are seen: what is being booked now lies below the newest by far less
        -- than a million.
        greatest(0, least(coalesce(first_open_id, last_id + 1),
            (SELECT last_value - 1000000 FROM ledger_transfer_id))),
        last_id
    FROM seen
    ON CONFLICT (cell, shop_id) DO UPDATE SET open_from = excluded.open_from,
        open_from_at = excluded.open_from_at, balance_minor = excluded.balance_minor,
        first_open_id = excluded.first_open_id, last_id = excluded.last_id
)
SELECT count(*) FROM kept
