-- Checks of bills, newest first, each with how many of its differences are open.
-- in:    $1 bigint before this id, $2 int how many
-- index: bill_check_newest, bill_difference_open
SELECT c.*, (SELECT count(*) FROM bill_difference d
    WHERE d.cell = c.cell AND d.check_id = c.id AND d.state = 'open') AS open_count
FROM bill_check c WHERE c.id < $1 ORDER BY c.id DESC LIMIT $2
