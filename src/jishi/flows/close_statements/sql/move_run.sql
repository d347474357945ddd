-- How far the closing has come.
-- in:     $1 date, $2 smallint cell, $3 bigint shop, $4 timestamptz when it was done or NULL
-- out:    nothing
-- writes: statement_run
-- index:  primary key
UPDATE statement_run SET after_cell = $2, after_shop_id = $3, done_at = $4 WHERE day = $1
