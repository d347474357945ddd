-- Goods of a few categories in an order of their own.
-- in:    $1 int[] leaves, $2 text order (newest, sold, price, price_down), $3 bigint key and $4 bigint id of the
--        last one seen (NULL: from the start), $5 int how many
-- out:   id, key
-- index: search_entry_category_sold, search_entry_category_price, search_entry_category_newest
SELECT product_id AS id, key FROM search_in_categories($1, $2, $3, $4, $5) ORDER BY key, product_id DESC
