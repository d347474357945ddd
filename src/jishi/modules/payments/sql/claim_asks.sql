-- Take providers that buyers left and that should be asked now; the claim lapses if we die meanwhile.
-- in:     $1 timestamptz now, $2 timestamptz until when the claim holds, $3 int how many at most
-- out:    the payments, each with the left provider and what is known there
-- locks:  payment_ask rows by (check_at, payment_id), skipping rows someone is changing
-- index:  payment_ask_checking (check_at, payment_id) WHERE check_at IS NOT NULL
-- rule:   jishi.modules.payments.rules.next_check_at
WITH due AS (
    SELECT cell, payment_id, provider FROM payment_ask
    WHERE check_at <= $1
    ORDER BY check_at, payment_id LIMIT $3
    FOR NO KEY UPDATE SKIP LOCKED
), claimed AS (
    UPDATE payment_ask a SET check_at = $2 FROM due
    WHERE a.cell = due.cell AND a.payment_id = due.payment_id AND a.provider = due.provider
    RETURNING a.*
)
SELECT p.id, p.checkout_id, p.buyer_id, c.provider, p.amount_minor, p.currency, p.state, p.order_ids,
    c.provider_ref, c.pay_url, p.created_at, p.expires_at, p.asked_at, p.paid_at, p.double_of
FROM claimed c JOIN payment p ON p.cell = c.cell AND p.id = c.payment_id
WHERE p.provider <> c.provider
