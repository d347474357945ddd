-- Count how many products have each word of the vocabulary; words of nobody stay with none.
-- in:     nothing
-- writes: search_word
WITH counted AS (
    SELECT s.word, s.ndoc FROM ts_stat('SELECT words FROM search_entry') s WHERE s.word !~ '^[~-]'
)
UPDATE search_word w SET seen = coalesce(c.ndoc, 0)
FROM search_word v LEFT JOIN counted c ON c.word = v.word
WHERE w.word = v.word AND w.seen <> coalesce(c.ndoc, 0)
