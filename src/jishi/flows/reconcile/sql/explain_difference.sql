-- Let an operator explain an open difference.
-- in:     $1 bigint check, $2 integer position, $3 text note, $4 bigint operator, $5 timestamptz now
-- out:    the difference; no row when it is not open
-- writes: bill_difference
-- locks:  the row
UPDATE bill_difference SET state = 'explained', note = $3, operator_id = $4, ended_at = $5
WHERE cell = 0 AND check_id = $1 AND position = $2 AND state = 'open'
RETURNING kind, what, number, their_minor, our_minor
