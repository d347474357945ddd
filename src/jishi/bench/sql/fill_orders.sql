-- Completed orders of the past, with everything a full life leaves behind, so that a market of any
-- size can be made quickly and its books still add up.
-- in:     $1 bigint[] SKUs, $2 their shops, $3 products, $4 warehouses; $5 bigint[] buyers; $6 number of
--         the first order, $7 how many, $8 millisecond of the first id, $9 node, $10 price minor,
--         $11 fee in basis points
-- writes: checkout, payment, payment_part, sale_order, sale_order_line, sale_order_step, stock, stock_move,
--         parcel, parcel_line, ledger_transfer, ledger_posting, ledger_account; no events: those of the
--         past have been heard and forgotten
WITH base AS (
    SELECT i, 1 + (i * 7919) % cardinality($1::bigint[]) AS at,
        ($5::bigint[])[1 + (i * 104729) % cardinality($5::bigint[])] AS buyer
    FROM generate_series($6::bigint, $6::bigint + $7::bigint - 1) i
), o AS MATERIALIZED (
    SELECT b.i, ($1::bigint[])[b.at] AS sku, ($2::bigint[])[b.at] AS shop, ($3::bigint[])[b.at] AS product,
        ($4::bigint[])[b.at] AS warehouse, b.buyer, cell_of(($2::bigint[])[b.at]) AS cell,
        cell_of(b.buyer) AS buyer_cell,
        (($8::bigint + b.i) << 22) | (cell_of(($2::bigint[])[b.at])::bigint << 14) | ($9::bigint << 6) AS id,
        (($8::bigint + b.i) << 22) | (cell_of(b.buyer)::bigint << 14) | ($9::bigint << 6) | 1 AS payment,
        (($8::bigint + b.i) << 22) | (cell_of(b.buyer)::bigint << 14) | ($9::bigint << 6) | 2 AS checkout,
        (($8::bigint + b.i) << 22) | (cell_of(($2::bigint[])[b.at])::bigint << 14) | ($9::bigint << 6) | 3
            AS parcel,
        to_timestamp(($8::bigint + b.i) / 1000.0 + 1704067200) AS at,
        $10::bigint AS amount, $10::bigint * $11::int / 10000 AS fee,
        nextval('ledger_transfer_id') AS paid, nextval('ledger_transfer_id') AS settled
    FROM base b
), checkouts AS (
    INSERT INTO checkout (cell, id, buyer_id, idempotency_key, request_hash, order_ids, payment_id,
        amount_minor, placed_at)
    SELECT buyer_cell, checkout, buyer, checkout::text, '\x00', ARRAY[id], payment, amount, at FROM o
), payments AS (
    INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency, state,
        order_ids, order_amounts, created_at, expires_at, paid_at)
    SELECT buyer_cell, payment, checkout, buyer, 'sandbox', amount, 'CNY', 'paid', ARRAY[id],
        ARRAY[amount], at, at + interval '30 minutes', at
    FROM o
), parts AS (
    INSERT INTO payment_part (cell, order_id, payment_id, provider, amount_minor, outcome, taken_at)
    SELECT cell, id, payment, 'sandbox', amount, 'applied', at FROM o
), orders AS (
    INSERT INTO sale_order (cell, id, shop_id, buyer_id, checkout_id, payment_id, state, goods_minor,
        freight_minor, amount_minor, fee_bp, fee_minor, address, placed_at, expires_at, paid_at, ship_by,
        shipped_at, confirm_by, closed_at, version)
    SELECT cell, id, shop, buyer, checkout, payment, 100, amount, 0, amount, $11, fee,
        '{"address_id": "1", "country": "SG", "receiver": "Bench Buyer", "phone": "+6560000000",
          "region_code": null, "region_version": null, "regions": [], "detail": "1 Harbour Road",
          "city": "Singapore", "state": "", "postcode": ""}',
        at, at + interval '30 minutes', at, at + interval '2 days',
        at, at, at, 4
    FROM o
), lines AS (
    INSERT INTO sale_order_line (cell, order_id, line, sku_id, product_id, warehouse_id, quantity,
        price_minor, goods_minor, freight_minor, amount_minor, shipped_quantity, title, picture)
    SELECT cell, id, 1, sku, product, warehouse, 1, amount, amount, 0, amount, 1, 'Bench goods',
        '{"art": "1f302", "tint": "a"}'
    FROM o
), steps AS (
    INSERT INTO sale_order_step (cell, order_id, version, state, actor, why, occurred_at)
    SELECT cell, id, s.version, s.state, s.actor, s.why, at FROM o CROSS JOIN (VALUES
        (1, 10, 'buyer', 'placed'), (2, 20, 'provider', 'paid'), (3, 30, 'shop', 'shipped'),
        (4, 100, 'clock', 'due')) s(version, state, actor, why)
), moved AS (
    INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
    SELECT cell, sku, warehouse, k.kind, 1, id, at FROM o CROSS JOIN (VALUES ('hold'), ('sell')) k(kind)
), counted AS (
    UPDATE stock s SET on_hand = s.on_hand - d.n, sold = s.sold + d.n
    FROM (SELECT cell, sku, warehouse, count(*) AS n FROM o GROUP BY 1, 2, 3) d
    WHERE s.cell = d.cell AND s.sku_id = d.sku AND s.warehouse_id = d.warehouse
), parcels AS (
    INSERT INTO parcel (cell, id, order_id, shop_id, carrier, waybill, shipped_at)
    SELECT cell, parcel, id, shop, 'SF', 'SF' || id, at FROM o
), contents AS (
    INSERT INTO parcel_line (cell, parcel_id, order_id, line, quantity) SELECT cell, parcel, id, 1, 1 FROM o
), transfers AS (
    INSERT INTO ledger_transfer (cell, id, kind, order_id, subject_id, occurred_at)
    SELECT cell, paid, 'pay', id, payment, at FROM o
    UNION ALL SELECT cell, settled, 'complete', id, id, at FROM o
), posting AS MATERIALIZED (
    SELECT cell, paid AS transfer, 1 AS posting, 'gateway:sandbox' AS kind, 0::bigint AS party, amount FROM o
    UNION ALL SELECT cell, paid, 2, 'escrow', shop, -amount FROM o
    UNION ALL SELECT cell, settled, 1, 'escrow', shop, amount FROM o
    UNION ALL SELECT cell, settled, 2, 'payable:shop', shop, fee - amount FROM o
    UNION ALL SELECT cell, settled, 3, 'fee', 0, -fee FROM o WHERE fee > 0
), posted AS (
    INSERT INTO ledger_posting (cell, transfer_id, posting, kind, party_id, amount_minor)
    SELECT cell, transfer, posting, kind, party, amount FROM posting
), totals AS (
    INSERT INTO ledger_account AS a (cell, kind, party_id, debit_minor, credit_minor)
    SELECT cell, kind, party, sum(greatest(amount, 0)), sum(greatest(-amount, 0)) FROM posting GROUP BY 1, 2, 3
    ON CONFLICT (cell, kind, party_id) DO UPDATE SET debit_minor = a.debit_minor + excluded.debit_minor,
        credit_minor = a.credit_minor + excluded.credit_minor
)
SELECT count(*) FROM o
