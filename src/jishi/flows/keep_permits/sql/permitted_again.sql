-- Goods taken off for want of a permit whose shop holds all permits of their category again.
-- in:     $1 date today, $2 int products at most
-- out:    shop and product
-- index:  listing_hold_by_shop, shop_qualification_by_shop
SELECT l.shop_id, l.product_id
FROM listing_hold l
JOIN product p ON p.cell = l.cell AND p.id = l.product_id
JOIN category c ON c.id = p.category_id
WHERE l.reason = 'qualification' AND NOT EXISTS (
    SELECT FROM category u JOIN category_qualification q ON q.category_code = u.code
    WHERE u.id = ANY (c.path) AND NOT EXISTS (
        SELECT FROM shop_qualification h
        WHERE h.cell = l.cell AND h.shop_id = l.shop_id AND h.kind = q.kind AND h.state = 'approved'
            AND h.valid_from <= $1 AND (h.valid_until IS NULL OR h.valid_until >= $1)))
ORDER BY l.shop_id, l.product_id LIMIT $2
