-- The check of a bill file: a new one, or the one this very file had before. Held until the end.
-- in:     $1 bigint a fresh id, $2 text provider, $3 date day, $4 text zone, $5 text file name, $6 text
--         digest, $7 bigint operator (NULL: the command line), $8 timestamptz now
-- out:    the check's id, and whether it is new
-- writes: bill_check
-- locks:  the check
-- index:  bill_check_once
INSERT INTO bill_check (cell, id, provider, day, zone, file_name, digest, operator_id, checked_at)
VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (cell, provider, day, digest) DO UPDATE SET checked_at = excluded.checked_at
RETURNING id, id = $1 AS is_new
