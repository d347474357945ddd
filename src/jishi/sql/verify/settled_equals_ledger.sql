-- Orders that were settled: what the ledger says of them, completion and later refunds together, must be
-- the fee and the shop's part of what was not refunded.
-- out:    order and the amounts
WITH booked AS (
    SELECT t.cell, t.order_id, bool_or(t.kind = 'complete') AS is_settled,
        sum(p.amount_minor) FILTER (WHERE p.kind = 'escrow' AND t.kind = 'complete') AS from_escrow,
        -coalesce(sum(p.amount_minor) FILTER (WHERE p.kind = 'fee'), 0) AS fee,
        -coalesce(sum(p.amount_minor) FILTER (WHERE p.kind IN ('payable:shop', 'receivable:shop')), 0) AS shop
    FROM ledger_transfer t JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id
    WHERE t.kind IN ('complete', 'refund_settled') AND t.order_id <> 0
    GROUP BY 1, 2
)
SELECT o.id AS order_id, o.amount_minor - o.refunded_minor - o.refunded_platform_minor
        - o.refunded_creator_minor AS left_minor, o.fee_minor, b.fee AS fee_posted_minor,
    b.shop AS shop_posted_minor
FROM sale_order o LEFT JOIN booked b ON b.cell = o.cell AND b.order_id = o.id
WHERE (o.state = 100 AND b.is_settled IS NOT TRUE)
    OR (b.is_settled AND (o.state NOT IN (100, 200) OR b.fee <> o.fee_minor
        OR b.shop <> o.amount_minor - o.refunded_minor - o.refunded_platform_minor
            - o.refunded_creator_minor - o.fee_minor))
