-- Categories that have listed products, with how many (counted to 200) and a picture of the most sold one.
-- in:    nothing
-- out:   leaf id, the ids above it from the root, how many, a picture
-- index: product_by_category (one probe per category: the list of categories is walked, not the products),
--        product_by_category_sold
WITH RECURSIVE used AS (
    (SELECT category_id FROM product WHERE state = 'listed' ORDER BY category_id LIMIT 1)
    UNION ALL
    SELECT (SELECT p.category_id FROM product p WHERE p.state = 'listed' AND p.category_id > u.category_id
            ORDER BY p.category_id LIMIT 1)
    FROM used u WHERE u.category_id IS NOT NULL
)
SELECT c.id, c.path, n.listed, cover.picture
FROM used u
JOIN category c ON c.id = u.category_id
CROSS JOIN LATERAL (
    SELECT count(*) AS listed FROM (
        SELECT FROM product p WHERE p.category_id = u.category_id AND p.state = 'listed' LIMIT 200) counted
) n
LEFT JOIN LATERAL (
    SELECT p.pictures -> 0 AS picture FROM product p
    WHERE p.category_id = u.category_id AND p.state = 'listed'
    ORDER BY p.sold_count DESC, p.id DESC LIMIT 1
) cover ON true
