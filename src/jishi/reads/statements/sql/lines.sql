-- The transfers of one day of a shop's statement, oldest first.
-- in:     $1 smallint cell, $2 bigint shop, $3 date the day, $4 text time zone, $5 bigint the last transfer of
--         the page before, $6 int how many
-- out:    transfers with what they changed and the fee in it, minor units
-- index:  statement_day primary key, those of statement_lines
-- rule:   jishi.modules.payouts.rules_statement.day_of
SELECT transfer_id, kind, order_id, subject_id, occurred_at, change_minor, fee_minor FROM (
    SELECT l.* FROM statement_day d
    CROSS JOIN LATERAL statement_lines($1, $2, greatest(d.first_id, $5::bigint + 1), d.last_id) l
    WHERE d.cell = $1 AND d.shop_id = $2 AND d.day = $3
        AND ((l.occurred_at AT TIME ZONE $4)::date = $3
            OR ((l.occurred_at AT TIME ZONE $4)::date < $3 AND l.transfer_id > d.late_after_id))
    UNION ALL
    SELECT l.transfer_id, l.kind, l.order_id, l.subject_id, l.occurred_at, l.change_minor, l.fee_minor
    FROM statement_open_lines($1, $2, $4) l WHERE l.day = $3 AND l.transfer_id > $5
) line ORDER BY transfer_id LIMIT $6
