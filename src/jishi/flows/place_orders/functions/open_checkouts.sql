-- Write the checkouts whose orders were placed, each with its open payment, in the buyers' cells.
-- in:     p_cell, p_cells of the buyers; per item c_*; c_orders and c_amounts as text of bigint arrays
-- out:    nothing
-- writes: checkout, payment
CREATE OR REPLACE FUNCTION open_checkouts(
    p_cell smallint, p_cells smallint[], c_id bigint[], c_buyer bigint[], c_key text[], c_hash bytea[],
    c_payment bigint[], c_provider text[], c_currency text[], c_amount bigint[], c_orders text[],
    c_amounts text[], c_at timestamptz[], c_expires timestamptz[]
) RETURNS void
LANGUAGE sql
AS $$
    WITH opened AS (
        SELECT c.*, cell_of(c.id) AS cell
        FROM unnest(c_id, c_buyer, c_key, c_hash, c_payment, c_provider, c_currency, c_amount,
            c_orders::text[], c_amounts::text[], c_at, c_expires)
            c(id, buyer, key, hash, payment, provider, currency, amount, orders, amounts, at, expires)
    ), kept AS (
        INSERT INTO checkout (cell, id, buyer_id, idempotency_key, request_hash, order_ids, payment_id,
            amount_minor, placed_at)
        SELECT cell, id, buyer, key, hash, orders::bigint[], payment, amount, at FROM opened
    )
    INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency, state,
        order_ids, order_amounts, created_at, expires_at)
    SELECT cell, payment, id, buyer, provider, amount, currency, 'open',
        orders::bigint[], amounts::bigint[], at, expires
    FROM opened
$$;
