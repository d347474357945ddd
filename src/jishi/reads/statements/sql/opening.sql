-- What a shop had at the start of a day.
-- in:     $1 smallint cell, $2 bigint shop, $3 date the day, $4 text time zone
-- out:    minor units: what the newest closed day before ended with, and what open days before changed
-- index:  statement_day primary key, those of statement_open_lines
SELECT (coalesce((SELECT closing_minor FROM statement_day WHERE cell = $1 AND shop_id = $2 AND day < $3
        ORDER BY day DESC LIMIT 1), 0)
    + coalesce((SELECT sum(change_minor) FROM statement_open_lines($1, $2, $4) WHERE day < $3), 0))::bigint
