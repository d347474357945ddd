-- SKUs switched off by their shop, SKUs whose combination no longer exists, and the id a product had elsewhere.

-- enabled: the shop wants to sell this SKU; on_sale stands only while its product is listed too.
-- retired: the combination was taken out of the product; the row stays for orders and stock.
ALTER TABLE sku ADD COLUMN enabled boolean NOT NULL DEFAULT true,
    ADD COLUMN retired boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT sku_on_sale_is_wanted CHECK (NOT on_sale OR (enabled AND NOT retired)),
    ADD CONSTRAINT sku_shop_cell CHECK (cell = cell_of(shop_id));

CREATE UNIQUE INDEX product_external ON product (cell, shop_id, external_id) WHERE external_id IS NOT NULL;
-- The price and stock table of a shop goes through its SKUs, newest product first.
CREATE INDEX sku_by_shop ON sku (cell, shop_id, product_id DESC, position) WHERE NOT retired;
