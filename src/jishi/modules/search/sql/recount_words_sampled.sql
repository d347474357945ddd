-- Estimate how many products have each word of the vocabulary, from one entry in twenty.
-- in:     nothing
-- writes: search_word
WITH counted AS (
    SELECT s.word, s.ndoc FROM ts_stat('SELECT words FROM search_entry TABLESAMPLE SYSTEM (5)') s
    WHERE s.word !~ '^[~-]'
)
UPDATE search_word w SET seen = c.ndoc * 20
FROM counted c WHERE w.word = c.word AND w.seen NOT BETWEEN c.ndoc * 18 AND c.ndoc * 22
