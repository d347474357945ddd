-- How one product is sent: its template, and what its SKUs weigh and measure.
-- in:     $1 bigint product, $2 bigint shop, $3 bigint template (NULL: flat), $4 bigint[] SKUs, $5 integer[]
--         grams, $6 integer[] cubic centimetres, $7 timestamptz now
-- out:    how many SKUs were written
-- writes: product, sku
-- index:  primary keys of product and sku
WITH template AS (
    UPDATE product SET freight_template_id = $3, updated_at = $7
    WHERE cell = cell_of($1) AND id = $1 AND shop_id = $2
), measured AS (
    UPDATE sku k SET weight_grams = m.grams, volume_cm3 = m.volume, updated_at = $7
    FROM unnest($4::bigint[], $5::integer[], $6::integer[]) m(id, grams, volume)
    WHERE k.cell = cell_of($1) AND k.id = m.id AND k.product_id = $1 AND k.shop_id = $2
    RETURNING 1
)
SELECT count(*) FROM measured
