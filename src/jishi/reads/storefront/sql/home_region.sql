-- Where a person's goods go unless said otherwise.
-- in:    $1 bigint account
-- index: address_one_default
SELECT region_code FROM address WHERE cell = cell_of($1) AND account_id = $1 AND is_default
