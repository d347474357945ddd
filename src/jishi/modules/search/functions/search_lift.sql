-- What the place of the words in a product is worth, in the measure of its score.
-- in:  words; typed, title, main tsqueries as in search_window (NULL: never)
-- out: 4,000 for the words as typed in the title, 2,500 for what they stand for there, 1,200 in title,
--      brand, attributes or codes, else 0
CREATE OR REPLACE FUNCTION search_lift(words tsvector, typed tsquery, title tsquery, main tsquery)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN title IS NULL THEN 0 WHEN words @@ typed THEN 4000 WHEN words @@ title THEN 2500
    WHEN words @@ main THEN 1200 ELSE 0 END;
