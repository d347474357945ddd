-- Escrow of a shop must be what its paid, not yet completed orders hold.
-- out:    shop, escrow, what its orders hold
SELECT coalesce(a.party_id, o.shop_id) AS shop_id, coalesce(a.held, 0) AS escrow_minor,
    coalesce(o.held, 0) AS orders_minor
FROM (SELECT cell, party_id, credit_minor - debit_minor AS held FROM ledger_account WHERE kind = 'escrow') a
FULL JOIN (
    SELECT cell, shop_id, sum(amount_minor - refunded_minor - refunded_platform_minor
        - refunded_creator_minor) AS held FROM sale_order
    WHERE state IN (12, 13, 20, 21, 30) GROUP BY 1, 2
) o ON o.cell = a.cell AND o.shop_id = a.party_id
WHERE coalesce(a.held, 0) <> coalesce(o.held, 0)
