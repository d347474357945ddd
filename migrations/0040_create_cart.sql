-- Carts. Owner: carts. In the cell of the account, or of the visitor whose browser keeps the id.
CREATE TABLE cart_line (
    cell smallint NOT NULL,
    owner_id bigint NOT NULL,                  -- an account, or a visitor's cart id
    sku_id bigint NOT NULL,                    -- may lie in any cell
    quantity integer NOT NULL CONSTRAINT cart_line_quantity CHECK (quantity BETWEEN 1 AND 9999),
    seen_minor bigint NOT NULL CONSTRAINT cart_line_seen CHECK (seen_minor > 0),  -- price when it was put in
    is_chosen boolean NOT NULL DEFAULT true,   -- goes along to the next checkout
    is_visitor boolean NOT NULL,
    added_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (cell, owner_id, sku_id),
    CONSTRAINT cart_line_cell CHECK (cell = cell_of(owner_id))
);
CREATE INDEX cart_line_forgotten ON cart_line (changed_at) WHERE is_visitor;
