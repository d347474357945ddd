-- Give the products of a template back to the shop's flat freight.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint template, $4 timestamptz now
-- writes: product
-- index:  product_by_freight
UPDATE product SET freight_template_id = NULL, updated_at = $4
WHERE cell = $1 AND shop_id = $2 AND freight_template_id = $3
