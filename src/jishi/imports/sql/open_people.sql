-- Open accounts nobody can sign in to: people of another platform, until an operator gives them a name.
-- in:     $1 bigint[] ids, $2 text[] names, $3 timestamptz[] instants
-- out:    nothing
-- writes: account
INSERT INTO account (cell, id, name, opened_at)
SELECT cell_of(id), id, name, opened_at
FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS given (id, name, opened_at);
