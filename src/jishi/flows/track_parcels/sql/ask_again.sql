-- Set when a parcel's carrier is asked next, unless someone has asked meanwhile.
-- in:     $1 bigint parcel, $2 integer how often it was asked, $3 timestamptz next question (NULL: none)
-- writes: parcel
-- index:  parcel primary key
UPDATE parcel SET query_at = $3 WHERE cell = cell_of($1) AND id = $1 AND query_tries = $2
    AND progress NOT IN ('delivered', 'returned', 'lost')
