-- The best matches of a search and what they can be narrowed by, in one look.
-- in:    $1 text[] phases, $2 text typed, $3 text title, $4 text main, $5 bigint least and $6 most price,
--        $7 int matches that are enough, $14 boolean only what is in stock (as search_window takes them),
--        $8 bigint key and $9 bigint id of the last one seen (NULL: from the start), $10 int how many ids
--        (0: none), $11 int level of the categories counted, $12 bigint[] price edges, $13 int best matches
--        that are counted (0: nothing is), $15 text what is counted of them: all, spans or choices
-- out:   kind and code: hit (product, found is its key) · total · category · price (band) · sign · choice; found,
--        and two names of it
-- index: search_entry_words_0 to search_entry_words_9
--        (In a function, as its plan is kept whatever is asked: making one costs as much as the answer.)
CREATE OR REPLACE FUNCTION storefront_survey(text[], text, text, text, bigint, bigint, integer, bigint, bigint, integer, integer, bigint[], integer, boolean, text)
RETURNS TABLE (kind text, code bigint, found bigint, one text, two text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
WITH hit AS MATERIALIZED (
    SELECT * FROM search_window($1, $2, $3, $4, $5, $6, $14, $7)
), page AS (
    SELECT product_id, key FROM hit
    WHERE $9::bigint IS NULL OR key > $8::bigint OR (key = $8 AND product_id < $9)
    ORDER BY key, product_id DESC LIMIT $10
), best AS MATERIALIZED (
    SELECT category_id, price_minor, facets FROM hit ORDER BY key, product_id DESC LIMIT $13
), chosen AS (
    SELECT code, count(*) AS found FROM best, unnest(best.facets) code WHERE $15::text <> 'spans' GROUP BY code
), leaf AS (
    SELECT category_id, count(*) AS found FROM best WHERE $15 = 'all' GROUP BY category_id
), branch AS (
    SELECT c.path[$11::int] AS id, sum(l.found)::bigint AS found FROM leaf l JOIN category c ON c.id = l.category_id
    GROUP BY 1
)
SELECT 'hit' AS kind, product_id AS code, key AS found, NULL AS one, NULL AS two FROM page
UNION ALL
SELECT 'total', 0, count(*), NULL, NULL FROM hit
UNION ALL
SELECT 'category', b.id, b.found, c.name_zh, c.name_en FROM branch b JOIN category c ON c.id = b.id
UNION ALL
SELECT 'price', width_bucket(price_minor, $12::bigint[]), count(*), NULL, NULL FROM best WHERE $15 <> 'choices' GROUP BY 2
UNION ALL
SELECT 'sign', code, found, NULL, NULL FROM chosen WHERE code < 1000
UNION ALL
SELECT 'choice', t.code, t.found, f.name, f.value
FROM (SELECT code, found FROM chosen WHERE code >= 1000 ORDER BY found DESC, code LIMIT 120) t
JOIN search_facet f ON f.code = t.code;
END $$;
