-- Write lines of cases' journals.
-- in:     $1 jsonb an array of steps, fields as the columns
INSERT INTO aftersale_step SELECT n.* FROM jsonb_populate_recordset(NULL::aftersale_step, $1) n
