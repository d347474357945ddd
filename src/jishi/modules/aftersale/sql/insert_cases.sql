-- Open cases; one whose line has an open case already is left out.
-- in:     $1 jsonb an array of cases, fields as the columns
-- out:    ids of those that were opened
-- index:  aftersale_case_open
INSERT INTO aftersale_case
SELECT n.* FROM jsonb_populate_recordset(NULL::aftersale_case, $1) n ORDER BY n.cell, n.order_id, n.line
ON CONFLICT (cell, order_id, line) WHERE deadline IS NOT NULL DO NOTHING
RETURNING id
