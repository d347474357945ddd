-- Write down a payment that came a second time under an id of its own, paid, for the same orders.
-- in:     $1 smallint cell, $2 bigint payment it came for, $3 bigint the new id, $4 text provider,
--         $5 text the provider's reference, $6 timestamptz when it was paid
-- out:    the orders and their amounts
-- writes: payment, payment_ask
-- locks:  the new row; the caller holds the payment it came for
-- index:  primary keys
WITH marked AS (
    UPDATE payment_ask SET double_id = $3, check_at = NULL
    WHERE cell = $1 AND payment_id = $2 AND provider = $4 AND double_id IS NULL
    RETURNING cell
)
INSERT INTO payment (cell, id, checkout_id, buyer_id, provider, amount_minor, currency, state, order_ids,
    order_amounts, provider_ref, created_at, expires_at, asked_at, paid_at, double_of)
SELECT p.cell, $3, p.checkout_id, p.buyer_id, $4, p.amount_minor, p.currency, 'paid', p.order_ids,
    p.order_amounts, $5, p.created_at, p.expires_at, p.asked_at, $6, p.id
FROM payment p JOIN marked USING (cell) WHERE p.id = $2
RETURNING order_ids, order_amounts
