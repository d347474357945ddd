-- All goods of a few categories in an order of their own: sold, newest, price, price_down.
-- in:    p_categories int[] leaves, few enough to begin a scan in each; p_sort text, p_key and p_id bigint of the last
--        one seen (NULL: from the start), p_want int how many
-- out:   product_id, key; by key, then the newest first
-- index: search_entry_category_sold, search_entry_category_price, search_entry_category_newest
CREATE OR REPLACE FUNCTION search_in_categories(
    p_categories integer[], p_sort text, p_key bigint, p_id bigint, p_want integer
) RETURNS TABLE (product_id bigint, key bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    from_id bigint := coalesce(p_id, 9223372036854775807);
    from_key bigint := coalesce(p_key, -9223372036854775807);
BEGIN
    IF p_sort = 'sold' THEN
        RETURN QUERY SELECT e.product_id, -e.sold_count FROM unnest(p_categories) c (id) CROSS JOIN LATERAL (
            SELECT s.product_id, s.sold_count FROM search_entry s
            WHERE s.category_id = c.id AND s.sold_count <= -from_key
                AND (s.sold_count < -from_key OR s.product_id < from_id)
            ORDER BY s.sold_count DESC, s.product_id DESC LIMIT p_want) e
        ORDER BY 2, 1 DESC LIMIT p_want;
    ELSIF p_sort = 'price' THEN
        RETURN QUERY SELECT e.product_id, e.price_minor FROM unnest(p_categories) c (id) CROSS JOIN LATERAL (
            SELECT s.product_id, s.price_minor FROM search_entry s
            WHERE s.category_id = c.id AND s.price_minor >= from_key
                AND (s.price_minor > from_key OR s.product_id < from_id)
            ORDER BY s.price_minor, s.product_id DESC LIMIT p_want) e
        ORDER BY 2, 1 DESC LIMIT p_want;
    ELSIF p_sort = 'price_down' THEN
        RETURN QUERY SELECT e.product_id, -e.price_minor FROM unnest(p_categories) c (id) CROSS JOIN LATERAL (
            SELECT s.product_id, s.price_minor FROM search_entry s
            WHERE s.category_id = c.id AND s.price_minor <= -from_key
                AND (s.price_minor < -from_key OR s.product_id < from_id)
            ORDER BY s.price_minor DESC, s.product_id DESC LIMIT p_want) e
        ORDER BY 2, 1 DESC LIMIT p_want;
    ELSE
        RETURN QUERY SELECT e.product_id, 0::bigint FROM unnest(p_categories) c (id) CROSS JOIN LATERAL (
            SELECT s.product_id FROM search_entry s WHERE s.category_id = c.id AND s.product_id < from_id
            ORDER BY s.product_id DESC LIMIT p_want) e
        ORDER BY 1 DESC LIMIT p_want;
    END IF;
END $$;
