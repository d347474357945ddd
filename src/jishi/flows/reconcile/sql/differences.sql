-- The differences of a check, as the bill goes.
-- in:    $1 bigint check, $2 text state (NULL: all), $3 integer after this position, $4 int how many
-- index: primary key of bill_difference
SELECT d.*, a.name AS operator_name
FROM bill_difference d LEFT JOIN account a ON a.cell = cell_of(d.operator_id) AND a.id = d.operator_id
WHERE d.cell = 0 AND d.check_id = $1 AND ($2::text IS NULL OR d.state = $2) AND d.position > $3
ORDER BY d.position LIMIT $4
