-- What the storefront lists by: most sold first. Newest first and by category stand in 0002.
CREATE INDEX product_by_sold ON product (sold_count DESC, id DESC) WHERE state = 'listed';
-- Lists below a category walk one of these per leaf, so a page costs the same however much is listed.
CREATE INDEX product_by_category_sold ON product (category_id, sold_count DESC, id DESC) WHERE state = 'listed';
CREATE INDEX product_by_category_price ON product (category_id, price_from_minor, id DESC) WHERE state = 'listed';
