-- How far the closing up to a day has come; begun when nobody has. Held until the transaction ends.
-- in:     $1 date the first day that stays open
-- out:    one row: the last cell and shop, when it was done
-- writes: statement_run
-- locks:  statement_run
-- index:  primary key
INSERT INTO statement_run AS r (day) VALUES ($1) ON CONFLICT (day) DO UPDATE SET day = r.day
RETURNING after_cell, after_shop_id, done_at
