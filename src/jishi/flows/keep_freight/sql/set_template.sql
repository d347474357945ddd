-- Let products go by a freight template.
-- in:     $1 smallint cell, $2 bigint shop, $3 bigint template (NULL: the shop's flat freight), $4 text which:
--         all · flat (those without a template), $5 timestamptz now
-- out:    how many products changed
-- writes: product
-- index:  product_by_shop
WITH changed AS (
    UPDATE product SET freight_template_id = $3, updated_at = $5
    WHERE cell = $1 AND shop_id = $2 AND freight_template_id IS DISTINCT FROM $3
        AND ($4 = 'all' OR freight_template_id IS NULL)
    RETURNING 1
)
SELECT count(*) FROM changed
