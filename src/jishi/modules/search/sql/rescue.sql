-- What words that nobody knows may have been meant as.
-- in:    $1 text[] unknown words, $2 text[] each as Latin or pinyin, $3 text[] hashes of each as array texts
-- out:   at (1-based), how, word, seen, spelt (what the word is compared by) and, for two words typed as
--        one, rest and rest_seen: the second
-- index: search_near primary key, search_word primary key, search_word_by_pinyin, search_word_by_initials
WITH asked AS MATERIALIZED (
    SELECT a.at, a.word, a.spoken, a.keys::bigint[] AS keys
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY a (word, spoken, keys, at)
)
SELECT a.at, f.how, f.word, f.seen, f.spelt, f.rest
FROM asked a
CROSS JOIN LATERAL (
    (SELECT 'sound' AS how, w.word, w.seen, w.pinyin AS spelt, NULL::text AS rest FROM search_word w
     WHERE a.word <> a.spoken AND w.pinyin = a.spoken ORDER BY w.seen DESC, w.word LIMIT 4)
    UNION ALL
    (SELECT 'near', w.word, w.seen, coalesce(w.pinyin, w.word), NULL
     FROM (SELECT DISTINCT n.word FROM search_near n WHERE n.key = ANY (a.keys) LIMIT 300) n
     JOIN search_word w ON w.word = n.word)
    UNION ALL
    (SELECT 'begin', w.word, w.seen, w.word, NULL FROM search_word w
     WHERE length(a.word) >= 2 AND w.word > a.word COLLATE "C"
        AND w.word < (a.word || U&'\+10FFFF') COLLATE "C"
     ORDER BY w.seen DESC, w.word LIMIT 8)
    UNION ALL
    -- pinyin, or initials, of two words without a space between
    (SELECT 'two', l.word, least(l.seen, r.seen), a.spoken, r.word
     FROM generate_series(2, least(length(a.spoken) - 2, 24)) cut
     CROSS JOIN LATERAL (
        SELECT w.word, w.seen FROM search_word w
        WHERE w.pinyin = left(a.spoken, cut) OR w.initials = left(a.spoken, cut)
            OR w.word = left(a.spoken, cut) AND cut > 2
        ORDER BY w.seen DESC LIMIT 1) l
     CROSS JOIN LATERAL (
        SELECT w.word, w.seen FROM search_word w
        WHERE w.pinyin = substr(a.spoken, cut + 1) OR w.initials = substr(a.spoken, cut + 1)
            OR w.word = substr(a.spoken, cut + 1) AND length(a.spoken) - cut > 2
        ORDER BY w.seen DESC LIMIT 1) r
     WHERE a.spoken ~ '^[a-z]+$'
     ORDER BY 3 DESC LIMIT 1)
) f
ORDER BY a.at, f.seen DESC, f.word
