-- A shop's days with something on them, closed ones as they were closed, open ones from the ledger.
-- in:     $1 smallint cell, $2 bigint shop, $3 date from, $4 date until (not included), $5 text time zone
-- out:    per day: the statement's lines in minor units, how many transfers, whether it is closed
-- index:  statement_day primary key, those of statement_open_lines
-- rule:   jishi.modules.payouts.rules_statement.days_of
SELECT day, sales_minor, fees_minor, refunds_minor, penalties_minor, compensation_minor, deposits_minor,
    withdrawals_minor, other_minor, transfers, true AS is_closed
FROM statement_day WHERE cell = $1 AND shop_id = $2 AND day >= $3 AND day < $4
UNION ALL
SELECT day, coalesce(sum(change_minor - fee_minor) FILTER (WHERE statement_part(kind) = 'sales'), 0)::bigint,
    sum(fee_minor)::bigint,
    coalesce(sum(change_minor - fee_minor) FILTER (WHERE statement_part(kind) = 'refunds'), 0)::bigint,
    coalesce(sum(change_minor) FILTER (WHERE statement_part(kind) = 'penalties'), 0)::bigint,
    coalesce(sum(change_minor) FILTER (WHERE statement_part(kind) = 'compensation'), 0)::bigint,
    coalesce(sum(change_minor) FILTER (WHERE statement_part(kind) = 'deposits'), 0)::bigint,
    coalesce(sum(change_minor) FILTER (WHERE statement_part(kind) = 'withdrawals'), 0)::bigint,
    coalesce(sum(change_minor) FILTER (WHERE statement_part(kind) = 'other'), 0)::bigint,
    count(*)::integer, false
FROM statement_open_lines($1, $2, $5) WHERE day >= $3 AND day < $4 GROUP BY day
ORDER BY day
