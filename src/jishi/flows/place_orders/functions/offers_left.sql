-- Lock the timed offers that lines draw on and say what is left of each, and to each buyer of it.
-- in:     per line its offer (NULL: none), SKU and buyer
-- out:    per line two 1-based indexes: offer_of into offer_left, buyer_of into buyer_left. An offer that
--         is gone has nothing left. Without a limit per buyer the buyer's part is the offer's quota.
-- locks:  offer_stock by primary key
CREATE OR REPLACE FUNCTION offers_left(
    l_offer bigint[], l_sku bigint[], l_buyer bigint[],
    OUT offer_of integer[], OUT offer_left bigint[], OUT buyer_of integer[], OUT buyer_left bigint[]
)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT o.offer, o.sku FROM unnest(l_offer, l_sku) o(offer, sku)) o
    JOIN offer_stock s ON s.cell = cell_of(o.offer) AND s.offer_id = o.offer AND s.sku_id = o.sku
    ORDER BY s.cell, s.offer_id, s.sku_id FOR NO KEY UPDATE OF s;

    WITH drawn AS MATERIALIZED (
        SELECT d.at, dense_rank() OVER (ORDER BY d.offer, d.sku) AS offer_rank,
            dense_rank() OVER (ORDER BY d.offer, d.sku, d.buyer) AS buyer_rank,
            coalesce(s.quota - s.taken, 0) AS free,
            CASE WHEN s.per_buyer IS NULL THEN coalesce(s.quota, 0)
                 ELSE s.per_buyer - coalesce(t.quantity, 0) END AS mine
        FROM unnest(l_offer, l_sku, l_buyer) WITH ORDINALITY d(offer, sku, buyer, at)
        LEFT JOIN offer_stock s ON s.cell = cell_of(d.offer) AND s.offer_id = d.offer AND s.sku_id = d.sku
        LEFT JOIN offer_taken t ON t.cell = s.cell AND t.offer_id = d.offer AND t.sku_id = d.sku
            AND t.buyer_id = d.buyer AND s.per_buyer IS NOT NULL
    )
    SELECT array_agg(d.offer_rank::integer ORDER BY d.at), array_agg(d.buyer_rank::integer ORDER BY d.at),
        (SELECT array_agg(o.free ORDER BY o.offer_rank)
         FROM (SELECT DISTINCT offer_rank, free FROM drawn) o),
        (SELECT array_agg(b.mine ORDER BY b.buyer_rank)
         FROM (SELECT DISTINCT buyer_rank, mine FROM drawn) b)
    INTO offer_of, buyer_of, offer_left, buyer_left
    FROM drawn d;
END
$$;
