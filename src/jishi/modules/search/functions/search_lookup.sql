-- What the vocabulary knows of the words of a query.
-- in:    $1 text[] words (at most eight), $2 text[] the compact spelling of each
-- out:   per word (at, 1-based) the words it leads to: how (word, stem, pinyin, begin), word, seen; at most 8 each
-- index: search_word primary key, search_word_by_stem, search_word_by_pinyin, search_word_by_initials
--        (In a function, as its plan is kept whatever is asked: making one costs as much as the answer.)
CREATE OR REPLACE FUNCTION search_lookup(text[], text[])
RETURNS TABLE (at bigint, how text, word text, seen integer)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
SELECT a.at, f.how, f.word, f.seen
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY a (word, compact, at)
CROSS JOIN LATERAL (
    (SELECT 'word' AS how, w.word, w.seen FROM search_word w
     WHERE w.word = ANY (ARRAY[a.word, a.compact]))
    UNION ALL
    (SELECT 'stem', w.word, w.seen FROM search_word w
     WHERE a.word ~ '^[a-z]{3,}$' AND w.stem = (ts_lexize('english_stem', a.word))[1] AND w.word <> a.word
     ORDER BY w.seen DESC, w.word LIMIT 8)
    UNION ALL
    (SELECT 'pinyin', w.word, w.seen FROM search_word w
     WHERE a.word ~ '^[a-z]{2,}$' AND w.pinyin = a.word ORDER BY w.seen DESC, w.word LIMIT 6)
    UNION ALL
    (SELECT 'initials', w.word, w.seen FROM search_word w
     WHERE a.word ~ '^[a-z]{2,}$' AND w.initials = a.word ORDER BY w.seen DESC, w.word LIMIT 6)
    UNION ALL
    -- one Chinese sign finds the words that begin with it
    (SELECT 'begin', w.word, w.seen FROM search_word w
     WHERE length(a.word) = 1 AND a.word > '一' COLLATE "C" AND w.word > a.word COLLATE "C"
        AND w.word < (a.word || U&'\+10FFFF') COLLATE "C"
     ORDER BY w.seen DESC, w.word LIMIT 12)
) f
ORDER BY a.at, f.seen DESC, f.word;
END $$;
