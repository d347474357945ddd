-- Matches of a search in an order of their own.
-- in:    $1 text tsquery, $2 text order (newest, sold, price, price_down), $3 bigint least and $4 most price
--        (NULL: any), $5 bigint key and $6 bigint id of the last one seen (NULL: from the start), $7 int how many,
--        $8 boolean only what is in stock
-- out:   id, key
-- index: search_entry_by_sold, search_entry_by_price, search_entry_newest, search_entry_words_0
SELECT product_id AS id, key FROM search_sorted($1, $2, $3, $4, $8, $5, $6, $7) ORDER BY key, product_id DESC
