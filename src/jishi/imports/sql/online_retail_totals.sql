-- The figures of Online Retail as our own tables hold them, in the shape of the file's.
-- in:     $1 text source
-- out:    one jsonb; amounts in thousandths, book figures in minor units
WITH line AS MATERIALIZED (SELECT * FROM import_line WHERE source = $1),
taken AS MATERIALIZED (
    SELECT o.cell, o.id, o.amount_minor, o.refunded_minor FROM import_order i
    CROSS JOIN LATERAL unnest(i.order_ids) placed (id)
    JOIN sale_order o ON o.cell = cell_of(placed.id) AND o.id = placed.id
    WHERE i.source = $1
), back AS MATERIALIZED (
    SELECT c.quantity, c.refunded_minor FROM taken t
    JOIN aftersale_case c ON c.cell = t.cell AND c.order_id = t.id AND c.refund_id IS NOT NULL
)
SELECT jsonb_build_object(
    'rows', (SELECT count(*) FROM line),
    'invoices', (SELECT count(DISTINCT external_id) FROM line),
    'stock_codes', (SELECT count(DISTINCT code) FROM line),
    'sum_quantity', (SELECT coalesce(sum(quantity), 0) FROM line),
    'sum_quantity_x_unitprice', (SELECT coalesce(sum(amount_milli), 0) FROM line),
    'sum_positive_lines', (SELECT coalesce(sum(amount_milli), 0) FROM line WHERE amount_milli > 0),
    'sum_negative_lines', (SELECT coalesce(sum(amount_milli), 0) FROM line WHERE amount_milli < 0),
    'by_month', (SELECT coalesce(jsonb_object_agg(month, figures), '{}') FROM (
        SELECT to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, jsonb_build_object(
            'rows', count(*), 'invoices', count(DISTINCT external_id),
            'sum_quantity_x_unitprice', sum(amount_milli)) AS figures
        FROM line GROUP BY 1) m),
    'by_country', (SELECT coalesce(jsonb_object_agg(country, figures), '{}') FROM (
        SELECT country, jsonb_build_object('rows', count(*),
            'sum_quantity_x_unitprice', sum(amount_milli)) AS figures
        FROM line GROUP BY 1) c),
    'by_stock_code', (SELECT coalesce(jsonb_object_agg(code, quantity), '{}') FROM (
        SELECT code, sum(quantity) AS quantity FROM line GROUP BY 1) k),
    'book', jsonb_build_object(
        'sold_minor', (SELECT coalesce(sum(booked_minor), 0) FROM line WHERE fate IN ('sold', 'freight')),
        'orders_minor', (SELECT coalesce(sum(amount_minor), 0) FROM taken),
        'returned_minor', (SELECT coalesce(sum(booked_minor), 0) FROM line WHERE fate = 'returned'),
        'refunds_minor', (SELECT coalesce(sum(refunded_minor), 0) FROM taken),
        'units_sold', (SELECT coalesce(sum(booked_quantity), 0) FROM line WHERE fate = 'sold'),
        'units_ordered', (SELECT coalesce(sum(l.quantity), 0) FROM taken t
            JOIN sale_order_line l ON l.cell = t.cell AND l.order_id = t.id),
        'units_returned', (SELECT coalesce(sum(booked_quantity), 0) FROM line WHERE fate = 'returned'),
        'units_refunded', (SELECT coalesce(sum(l.refunded_quantity), 0) FROM taken t
            JOIN sale_order_line l ON l.cell = t.cell AND l.order_id = t.id),
        'cases_minor', (SELECT coalesce(sum(refunded_minor), 0) FROM back),
        'units_in_cases', (SELECT coalesce(sum(quantity), 0) FROM back)))
