-- Shops, each with a warehouse, and goods of one SKU with stock, for a benchmark.
-- in:     $1 bigint[] shops, $2 bigint[] warehouses (same order), $3 bigint owner; per SKU $4 ids,
--         $5 products, $6 1-based index of the shop, $7 bigint price, $8 bigint pieces, $9 now
-- writes: shop, shop_staff, warehouse, product, sku, stock, stock_move
WITH opened AS (
    INSERT INTO shop (cell, id, owner_id, name, state, opened_at)
    SELECT cell_of(id), id, $3, 'Bench ' || at, 'open', $9
    FROM unnest($1::bigint[]) WITH ORDINALITY s(id, at)
), staffed AS (
    INSERT INTO shop_staff (cell, shop_id, account_id, role, added_at, added_by)
    SELECT cell_of(id), id, $3, 'owner', $9, $3 FROM unnest($1::bigint[]) s(id)
), built AS (
    INSERT INTO warehouse (cell, id, shop_id, name, is_default, created_at)
    SELECT cell_of(w.id), w.id, w.shop, 'Main', true, $9 FROM unnest($2::bigint[], $1::bigint[]) w(id, shop)
), item AS MATERIALIZED (
    SELECT g.sku, g.product, ($1::bigint[])[g.shop] AS shop, ($2::bigint[])[g.shop] AS warehouse,
        cell_of(g.sku) AS cell, g.at
    FROM unnest($4::bigint[], $5::bigint[], $6::int[]) WITH ORDINALITY g(sku, product, shop, at)
), offered AS (
    INSERT INTO product (cell, id, shop_id, category_id, state, title, pictures, price_from_minor,
        price_to_minor, created_at, updated_at, listed_at)
    SELECT cell, product, shop, 1, 'listed', 'Bench goods ' || at, '[{"art": "1f302", "tint": "a"}]', $7, $7,
        $9, $9, $9
    FROM item
), priced AS (
    INSERT INTO sku (cell, id, product_id, shop_id, price_minor, on_sale, updated_at)
    SELECT cell, sku, product, shop, $7, true, $9 FROM item
), received AS (
    INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, why, occurred_at)
    SELECT cell, sku, warehouse, 'receive', $8, 'bench', $9 FROM item
)
INSERT INTO stock (cell, sku_id, warehouse_id, shop_id, on_hand, received)
SELECT cell, sku, warehouse, shop, $8, $8 FROM item
