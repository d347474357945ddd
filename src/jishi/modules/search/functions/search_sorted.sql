-- Matches of a search in an order of their own: sold, newest, price, price_down.
-- What very many match is read along the index of the order; the rest is fetched by its words and sorted.
-- Which of both is told by the 14,336 best products: at least 60 that match.
-- in:    p_query text a tsquery, p_sort text, p_low and p_high bigint prices (NULL: any), p_stock boolean only
--        what is in stock, p_key and p_id bigint of the last one seen (NULL: from the start), p_want int how many
-- out:   product_id, key; by key, then the newest first. When a walk of 6,000 did not do and more than
--        10,000 match in a tier, 10,000 of that tier are put in order.
--        (One statement for each tier, as its index is found only by a constant; price_minor + 0: no
--        index but that of the words is to be thought of.)
-- index: search_entry_by_sold, search_entry_by_price, search_entry_newest, search_entry_words_0 to
--        search_entry_words_9
DO $make$
BEGIN
    EXECUTE format($function$
CREATE OR REPLACE FUNCTION search_sorted(
    p_query text, p_sort text, p_low bigint, p_high bigint, p_stock boolean, p_key bigint, p_id bigint, p_want integer
) RETURNS TABLE (product_id bigint, key bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $body$
DECLARE
    q tsquery := p_query::tsquery;
    low bigint := coalesce(p_low, 0);
    high bigint := coalesce(p_high, 9223372036854775807);
    from_id bigint := coalesce(p_id, 9223372036854775807);
    from_key bigint := coalesce(p_key, -9223372036854775807);
    found integer;
    sample integer;
BEGIN
    SELECT count(*) INTO sample FROM (%1$s) s;
    IF sample >= 60 THEN
        IF p_sort = 'price' THEN
            RETURN QUERY SELECT w.product_id, w.price_minor FROM (
                SELECT e.product_id, e.price_minor, e.words, e.facets FROM search_entry e
                WHERE e.price_minor >= greatest(from_key, low) AND e.price_minor <= high
                    AND (e.price_minor > from_key OR e.product_id < from_id)
                ORDER BY e.price_minor, e.product_id DESC LIMIT 6000) w
            WHERE w.words @@ q AND (NOT p_stock OR 1 = ANY (w.facets)) LIMIT p_want;
        ELSIF p_sort = 'price_down' THEN
            RETURN QUERY SELECT w.product_id, -w.price_minor FROM (
                SELECT e.product_id, e.price_minor, e.words, e.facets FROM search_entry e
                WHERE e.price_minor <= least(-from_key, high) AND e.price_minor >= low
                    AND (e.price_minor < -from_key OR e.product_id < from_id)
                ORDER BY e.price_minor DESC, e.product_id DESC LIMIT 6000) w
            WHERE w.words @@ q AND (NOT p_stock OR 1 = ANY (w.facets)) LIMIT p_want;
        ELSIF p_sort = 'sold' THEN
            RETURN QUERY SELECT w.product_id, -w.sold_count FROM (
                SELECT e.product_id, e.sold_count, e.words, e.price_minor, e.facets FROM search_entry e
                WHERE e.sold_count <= -from_key AND (e.sold_count < -from_key OR e.product_id < from_id)
                ORDER BY e.sold_count DESC, e.product_id DESC LIMIT 6000) w
            WHERE w.words @@ q AND w.price_minor BETWEEN low AND high
                AND (NOT p_stock OR 1 = ANY (w.facets)) LIMIT p_want;
        ELSE
            RETURN QUERY SELECT w.product_id, 0::bigint FROM (
                SELECT e.product_id, e.words, e.price_minor, e.facets FROM search_entry e
                WHERE e.product_id < from_id ORDER BY e.product_id DESC LIMIT 6000) w
            WHERE w.words @@ q AND w.price_minor BETWEEN low AND high
                AND (NOT p_stock OR 1 = ANY (w.facets)) LIMIT p_want;
        END IF;
        GET DIAGNOSTICS found = ROW_COUNT;
        IF found >= p_want THEN RETURN; END IF;
    ELSE
        found := 0;
    END IF;
    -- what the walk gave already comes first in this order too
    RETURN QUERY
    WITH hit AS MATERIALIZED (%2$s
    ), keyed AS (
        SELECT h.product_id, CASE p_sort WHEN 'price' THEN h.price_minor WHEN 'price_down' THEN -h.price_minor
            WHEN 'sold' THEN -h.sold_count ELSE 0 END AS key
        FROM hit h WHERE h.price_minor BETWEEN low AND high
    )
    SELECT k.product_id, k.key FROM keyed k
    WHERE k.key > from_key OR (k.key = from_key AND k.product_id < from_id)
        OR (p_id IS NULL)
    ORDER BY k.key, k.product_id DESC OFFSET found LIMIT p_want - found;
END $body$
$function$, (SELECT string_agg(format($tier$
        (SELECT FROM search_entry e
        WHERE e.tier = %s AND e.words @@ q AND e.price_minor + 0 BETWEEN low AND high
            AND (NOT p_stock OR 1 = ANY (e.facets)) LIMIT 60)$tier$, tier), ' UNION ALL')
    FROM generate_series(0, 2) tier), (SELECT string_agg(format($tier$
        (SELECT e.product_id, e.price_minor, e.sold_count FROM search_entry e
        WHERE e.tier = %s AND e.words @@ q AND (NOT p_stock OR 1 = ANY (e.facets)) LIMIT 10000)$tier$, tier), ' UNION ALL')
    FROM generate_series(0, 9) tier));
END $make$;
