-- Add words to the vocabulary, with their pinyin and the hashes they are near to others by.
-- in:     $1 text[] words, $2 text[] pinyin and $3 text[] initials (NULL: Latin), $4 boolean[] is it a Latin word;
--         $5 bigint[] hashes and $6 text[] the word of each
-- writes: search_word, search_near
-- locks:  by word; by hash and word
WITH added AS (
    INSERT INTO search_word (word, stem, pinyin, initials)
    SELECT n.word, CASE WHEN n.is_latin THEN (ts_lexize('english_stem', n.word))[1] END, n.pinyin, n.initials
    FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) n (word, pinyin, initials, is_latin)
    ORDER BY n.word COLLATE "C"
    ON CONFLICT (word) DO NOTHING
)
INSERT INTO search_near (key, word)
SELECT n.key, n.word FROM unnest($5::bigint[], $6::text[]) n (key, word) ORDER BY n.key, n.word COLLATE "C"
ON CONFLICT DO NOTHING
