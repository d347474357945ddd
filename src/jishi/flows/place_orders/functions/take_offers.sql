-- Draw on timed offers, or give back to them (negative quantities); the caller has judged what is left.
-- in:     per line the offer, SKU, buyer, units
-- out:    nothing
-- writes: offer_stock, offer_taken (only where an offer has a limit per buyer)
-- locks:  offer_stock by primary key
CREATE OR REPLACE FUNCTION take_offers(
    l_offer bigint[], l_sku bigint[], l_buyer bigint[], l_quantity bigint[]
) RETURNS void
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT o.offer, o.sku FROM unnest(l_offer, l_sku) o(offer, sku)) o
    JOIN offer_stock s ON s.cell = cell_of(o.offer) AND s.offer_id = o.offer AND s.sku_id = o.sku
    ORDER BY s.cell, s.offer_id, s.sku_id FOR NO KEY UPDATE OF s;

    WITH drawn AS MATERIALIZED (
        SELECT cell_of(d.offer) AS cell, d.offer, d.sku, d.buyer, sum(d.quantity)::bigint AS quantity
        FROM unnest(l_offer, l_sku, l_buyer, l_quantity) d(offer, sku, buyer, quantity)
        GROUP BY d.offer, d.sku, d.buyer
    ), counted AS (
        UPDATE offer_stock s SET taken = s.taken + g.quantity
        FROM (SELECT cell, offer, sku, sum(quantity)::bigint AS quantity FROM drawn GROUP BY 1, 2, 3) g
        WHERE s.cell = g.cell AND s.offer_id = g.offer AND s.sku_id = g.sku
        RETURNING s.cell, s.offer_id, s.sku_id, s.per_buyer
    )
    INSERT INTO offer_taken AS t (cell, offer_id, sku_id, buyer_id, quantity)
    SELECT d.cell, d.offer, d.sku, d.buyer, greatest(d.quantity, 0)
    FROM drawn d JOIN counted c ON c.cell = d.cell AND c.offer_id = d.offer AND c.sku_id = d.sku
    WHERE c.per_buyer IS NOT NULL
    ON CONFLICT (cell, offer_id, sku_id, buyer_id) DO UPDATE SET quantity = t.quantity + (
        SELECT d.quantity FROM drawn d WHERE d.offer = t.offer_id AND d.sku = t.sku_id
            AND d.buyer = t.buyer_id);
END
$$;
