-- Listed goods of shops with papers whose category asks for a permit that is not valid today.
-- in:     $1 date today, $2 bigint above this shop, $3 int shops looked at, $4 int products at most
-- out:    shop and product; a row with product NULL tells how far the look went
-- index:  shop primary key, product_by_shop, shop_qualification_by_shop
WITH looked AS (
    SELECT cell, id FROM shop WHERE id > $2 AND kind <> 'plain' AND state IN ('open', 'holiday', 'suspended')
    ORDER BY id LIMIT $3
), lacking AS (
    SELECT p.shop_id, p.id AS product_id
    FROM looked s
    JOIN product p ON p.cell = s.cell AND p.shop_id = s.id AND p.state = 'listed'
    JOIN category c ON c.id = p.category_id
    WHERE EXISTS (
        SELECT FROM category u JOIN category_qualification q ON q.category_code = u.code
        WHERE u.id = ANY (c.path) AND NOT EXISTS (
            SELECT FROM shop_qualification h
            WHERE h.cell = s.cell AND h.shop_id = s.id AND h.kind = q.kind AND h.state = 'approved'
                AND h.valid_from <= $1 AND (h.valid_until IS NULL OR h.valid_until >= $1)))
    ORDER BY p.shop_id, p.id LIMIT $4
)
SELECT shop_id, product_id FROM lacking
UNION ALL
SELECT max(id), NULL FROM looked HAVING max(id) IS NOT NULL
