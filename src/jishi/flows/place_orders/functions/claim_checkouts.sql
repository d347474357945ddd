-- Take the buyers' idempotency keys for this transaction and say which were answered before.
-- in:     p_cell, p_cells of the buyers; per item buyer and key
-- out:    the checkouts that exist already: item (1-based), id, payment, orders, amount, request hash
-- locks:  advisory, by hash of buyer and key, in hash order
CREATE OR REPLACE FUNCTION claim_checkouts(
    p_cell smallint, p_cells smallint[], c_buyer bigint[], c_key text[]
) RETURNS TABLE (item integer, id bigint, payment_id bigint, order_ids bigint[], amount_minor bigint,
    request_hash bytea)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock(claimed.hash) FROM (
        SELECT DISTINCT hashtextextended(c.key, c.buyer) AS hash
        FROM unnest(c_buyer, c_key) c(buyer, key) ORDER BY 1) claimed;
    RETURN QUERY
    SELECT c.at::integer, k.id, k.payment_id, k.order_ids, k.amount_minor, k.request_hash
    FROM unnest(c_buyer, c_key) WITH ORDINALITY c(buyer, key, at)
    JOIN checkout k ON k.cell = cell_of(c.buyer) AND k.buyer_id = c.buyer AND k.idempotency_key = c.key
    WHERE true
        AND k.cell = ANY (p_cells)  -- cluster only
    ;
END
$$;
