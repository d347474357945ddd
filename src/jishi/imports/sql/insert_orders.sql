-- Record orders of another platform, placed here or not.
-- in:     $1 smallint[] cells, $2 text[] sources, $3 text[] external ids, $4 bigint[] runs, $5 bigint[]
--         buyers, $6 text[] statuses there, $7 timestamptz[] purchases, $8 bigint[] checkouts (NULL:
--         recorded only), $9 text[] order ids as array text, $10 bigint[] payments minor, $11 bigint[]
--         booked minor, $12 text[] oddities as array text
-- out:    nothing; raises when one of them was recorded before
-- writes: import_order
INSERT INTO import_order (cell, source, external_id, run_id, buyer_id, external_status,
    purchased_at, checkout_id, order_ids, payments_minor, booked_minor, oddities)
SELECT cell, source, external_id, run_id, buyer_id, status, purchased_at, checkout_id,
    order_ids::bigint[], payments_minor, booked_minor, oddities::text[]
FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[],
    $7::timestamptz[], $8::bigint[], $9::text[], $10::bigint[], $11::bigint[], $12::text[])
    AS given (cell, source, external_id, run_id, buyer_id, status, purchased_at, checkout_id,
        order_ids, payments_minor, booked_minor, oddities);
