-- Rows of another platform's invoices, each with what became of it: totals can be added up again, to
-- the file's last decimal. Owner: imports.
CREATE TABLE import_line (
    cell smallint NOT NULL,           -- of source and invoice, as import_order
    source text NOT NULL,
    external_id text NOT NULL,        -- the invoice
    row_number integer NOT NULL,      -- in the file, the header is row 1
    run_id bigint NOT NULL,
    code text NOT NULL,
    country text NOT NULL,
    quantity bigint NOT NULL,         -- negative: came back
    price_milli bigint NOT NULL,      -- thousandths of the currency's main unit
    amount_milli bigint GENERATED ALWAYS AS (quantity * price_milli) STORED,
    occurred_at timestamptz NOT NULL,
    fate text NOT NULL CONSTRAINT import_line_fate CHECK (fate IN ('sold', 'freight', 'returned', 'recorded')),
    why text NOT NULL DEFAULT '',     -- of what is recorded only, wholly or in part
    booked_quantity bigint NOT NULL,  -- units an order or a refund took
    booked_minor bigint NOT NULL,     -- money the ledger took in (sold, freight) or gave back (returned)
    PRIMARY KEY (cell, source, external_id, row_number)
);
