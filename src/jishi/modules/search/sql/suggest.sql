-- What a beginning may become: searches others made, then words of goods; also by pinyin and initials.
-- in:    $1 text what is typed, folded; $2 text its last word; $3 int how many
-- out:   text, kind (query, word); the likeliest first
-- index: search_query primary key, search_query_by_pinyin, search_query_by_initials, search_word primary key,
--        search_word_by_pinyin, search_word_by_initials
WITH span AS (SELECT $1 AS q_from, $1 || U&'\+10FFFF' AS q_to, $2 AS w_from, $2 || U&'\+10FFFF' AS w_to,
    length($2) BETWEEN 2 AND 20 AND $2 ~ '^[a-z]+$' AS is_spoken
), found AS (
    (SELECT q.query AS text, 'query' AS kind, q.searches AS weight, 0 AS place FROM search_query q, span
     WHERE q.query >= q_from COLLATE "C" AND q.query < q_to COLLATE "C" AND NOT q.is_hidden AND q.searches >= 3
     ORDER BY q.searches DESC LIMIT 8)
    UNION ALL
    (SELECT q.query, 'query', q.searches, 1 FROM search_query q, span
     WHERE is_spoken AND q.pinyin >= q_from COLLATE "C" AND q.pinyin < q_to COLLATE "C"
        AND NOT q.is_hidden AND q.searches >= 3
     ORDER BY q.searches DESC LIMIT 8)
    UNION ALL
    (SELECT q.query, 'query', q.searches, 1 FROM search_query q, span
     WHERE is_spoken AND q.initials = q_from AND NOT q.is_hidden AND q.searches >= 3
     ORDER BY q.searches DESC LIMIT 8)
    UNION ALL
    (SELECT left($1, length($1) - length($2)) || w.word, 'word', w.seen, 2 FROM search_word w, span
     WHERE w.word >= w_from COLLATE "C" AND w.word < w_to COLLATE "C" ORDER BY w.seen DESC, w.word LIMIT 8)
    UNION ALL
    (SELECT left($1, length($1) - length($2)) || w.word, 'word', w.seen, 3 FROM search_word w, span
     WHERE is_spoken AND w.pinyin >= w_from COLLATE "C" AND w.pinyin < w_to COLLATE "C"
     ORDER BY w.seen DESC, w.word LIMIT 8)
    UNION ALL
    (SELECT left($1, length($1) - length($2)) || w.word, 'word', w.seen, 3 FROM search_word w, span
     WHERE is_spoken AND w.initials = w_from ORDER BY w.seen DESC, w.word LIMIT 8)
)
SELECT text, min(kind) AS kind FROM found
GROUP BY text ORDER BY min(place), max(weight) DESC, text LIMIT $3
