-- What our own tables say of the Olist orders taken in: one JSON object, amounts in minor units.
-- in:    nothing
-- out:   json: the keys of olist_check.totals_of
-- index: sale_order primary key, ledger_transfer_once
WITH taken AS MATERIALIZED (
    SELECT * FROM import_order WHERE source = 'olist'
), placed AS MATERIALIZED (
    SELECT t.external_id, o.cell, o.id, o.shop_id, o.goods_minor, o.freight_minor, o.placed_at
    FROM taken t CROSS JOIN unnest(t.order_ids) AS own (order_id)
    JOIN sale_order o ON o.cell = cell_of(own.order_id) AND o.id = own.order_id
), paid AS MATERIALIZED (
    SELECT external_id, kind, amount_minor FROM import_payment WHERE source = 'olist'
), of_order AS MATERIALIZED (
    SELECT t.external_id, to_char(t.purchased_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month,
        coalesce(p.goods, 0) AS goods, coalesce(p.freight, 0) AS freight,
        coalesce(m.amount, 0) AS payments, coalesce(m.rows, 0) AS payment_rows,
        cardinality(t.order_ids) AS parts
    FROM taken t
    LEFT JOIN (SELECT external_id, sum(goods_minor) AS goods, sum(freight_minor) AS freight
               FROM placed GROUP BY 1) p USING (external_id)
    LEFT JOIN (SELECT external_id, sum(amount_minor) AS amount, count(*) AS rows
               FROM paid GROUP BY 1) m USING (external_id)
), seller AS (
    SELECT s.external_id, sum(l.quantity) AS items, sum(l.goods_minor) AS price
    FROM placed p
    JOIN sale_order_line l ON l.cell = p.cell AND l.order_id = p.id
    JOIN import_source s ON s.jishi_id = p.shop_id AND s.kind = 'olist.seller'
    GROUP BY 1 ORDER BY price DESC, s.external_id LIMIT 10
), booked AS (
    SELECT coalesce(sum(b.amount_minor), 0) AS minor
    FROM placed p
    JOIN ledger_transfer t ON t.cell = p.cell AND t.order_id = p.id AND t.kind = 'pay'
    JOIN ledger_posting b ON b.cell = t.cell AND b.transfer_id = t.id AND b.kind = 'gateway:olist'
)
SELECT json_build_object(
    'orders_by_status', (SELECT json_object_agg(external_status, orders ORDER BY external_status)
        FROM (SELECT external_status, count(*) AS orders FROM taken GROUP BY 1) s),
    'items_price_total', (SELECT coalesce(sum(goods), 0) FROM of_order),
    'items_freight_total', (SELECT coalesce(sum(freight), 0) FROM of_order),
    'payments_total', (SELECT coalesce(sum(payments), 0) FROM of_order),
    'payments_by_type', (SELECT json_object_agg(kind, json_build_object('rows', rows, 'value', value))
        FROM (SELECT kind, count(*) AS rows, sum(amount_minor) AS value FROM paid GROUP BY 1) k),
    'by_purchase_month', (SELECT json_object_agg(month, figures ORDER BY month) FROM (
        SELECT month, json_build_object('orders', count(*), 'gmv_items_price', sum(goods),
            'freight', sum(freight), 'payments', sum(payments)) AS figures
        FROM of_order GROUP BY 1) m),
    'distinct_customers(customer_unique_id)', (SELECT count(DISTINCT buyer_id) FROM taken),
    'orders_without_items', (SELECT count(*) FROM of_order WHERE parts = 0),
    'orders_with_more_than_one_seller', (SELECT count(*) FROM of_order WHERE parts > 1),
    'orders_with_more_than_one_payment_row', (SELECT count(*) FROM of_order WHERE payment_rows > 1),
    'orders_where_payments_differ_from_items_plus_freight_by_over_0.01', (SELECT count(*) FROM of_order
        WHERE parts > 0 AND abs(payments - goods - freight) > 1),
    'top10_sellers_by_price', (SELECT json_agg(json_build_object('seller_id', external_id,
        'items', items, 'price', price) ORDER BY price DESC, external_id) FROM seller),
    'ledger', (SELECT minor FROM booked),
    'differences', (SELECT coalesce(sum(difference_minor), 0) FROM taken)
) AS totals;
