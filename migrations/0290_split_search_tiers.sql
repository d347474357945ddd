-- Ten tiers that double in size, where there were six: a search collects fewer matches beyond those it wants.
-- Entries move to their new tier by the job that keeps tiers to their size. Owner: search.

ALTER TABLE search_entry DROP CONSTRAINT search_entry_tier;
ALTER TABLE search_entry ADD CONSTRAINT search_entry_tier CHECK (tier BETWEEN 0 AND 9);
CREATE INDEX search_entry_words_6 ON search_entry USING gin (words) WHERE tier = 6;
CREATE INDEX search_entry_words_7 ON search_entry USING gin (words) WHERE tier = 7;
CREATE INDEX search_entry_words_8 ON search_entry USING gin (words) WHERE tier = 8;
CREATE INDEX search_entry_words_9 ON search_entry USING gin (words) WHERE tier = 9;
-- Lists of one small branch of the category tree are merged from the orders of its leaves.
CREATE INDEX search_entry_category_sold ON search_entry (category_id, sold_count DESC, product_id DESC);
CREATE INDEX search_entry_category_price ON search_entry (category_id, price_minor, product_id DESC);
CREATE INDEX search_entry_category_newest ON search_entry (category_id, product_id DESC);
DROP INDEX product_by_category_price;  -- no list reads it any more
