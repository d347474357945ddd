-- The best matches of a search: tier after tier, until there are enough; no tier is read by halves.
-- The last of several phases is looked at only where those before gave fewer than 100.
-- in:    p_phases text[] tsqueries that exclude each other, the best first; p_typed, p_title, p_main text tsqueries
--        that lift a match (NULL: none), p_low and p_high bigint prices (NULL: any), p_stock only what is in stock,
--        p_want int matches that are enough
-- out:   product_id, key (small is good), category_id, price_minor, facets; more than p_want when the last
--        tier held more. A tier gives at most 5,000.
--        (One statement for each tier, as its index is found only by a constant; price_minor + 0: no
--        index but that of the words is to be thought of.)
-- index: search_entry_words_0 to search_entry_words_9
DO $make$
BEGIN
    EXECUTE format($function$
CREATE OR REPLACE FUNCTION search_window(
    p_phases text[], p_typed text, p_title text, p_main text, p_low bigint, p_high bigint, p_stock boolean, p_want integer
) RETURNS TABLE (product_id bigint, key bigint, category_id integer, price_minor bigint, facets bigint[])
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $body$
DECLARE
    q tsquery;
    typed tsquery := p_typed::tsquery;
    title tsquery := p_title::tsquery;
    main tsquery := p_main::tsquery;
    low bigint := coalesce(p_low, 0);
    high bigint := coalesce(p_high, 9223372036854775807);
    base bigint;
    total integer := 0;
    got integer;
BEGIN
    FOR phase IN 1 .. cardinality(p_phases) LOOP
        EXIT WHEN phase > 1 AND phase = cardinality(p_phases) AND total >= 100;
        q := p_phases[phase]::tsquery;
        base := phase * 1000000;%s
    END LOOP;
END $body$
$function$, (SELECT string_agg(format($tier$
        RETURN QUERY SELECT e.product_id, base - search_lift(e.words, typed, title, main) - e.score,
            e.category_id, e.price_minor, e.facets FROM search_entry e
        WHERE e.tier = %s AND e.words @@ q AND e.price_minor + 0 BETWEEN low AND high
            AND (NOT p_stock OR 1 = ANY (e.facets)) LIMIT 5000;
        GET DIAGNOSTICS got = ROW_COUNT; total := total + got; EXIT WHEN total >= p_want;$tier$, tier), '' ORDER BY tier)
    FROM generate_series(0, 9) tier));
END $make$;
