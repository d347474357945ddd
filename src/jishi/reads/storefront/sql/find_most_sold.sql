-- Listed products of the whole market that sold most; those that never sold are left out.
-- in:    $1 int how many
-- index: product_by_sold
SELECT id FROM product
WHERE state = 'listed' AND sold_count > 0
ORDER BY sold_count DESC, id DESC LIMIT $1
