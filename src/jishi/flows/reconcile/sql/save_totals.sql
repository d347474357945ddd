-- Write both sides' sums of a check.
-- in:     $1 bigint check, $2 … $16 counts and sums in minor units, as they stand below
-- writes: bill_check
UPDATE bill_check SET their_payments = $2, their_refunds = $3, their_paid_minor = $4,
    their_refunded_minor = $5, their_fee_minor = $6, our_payments = $7, our_refunds = $8,
    our_paid_minor = $9, our_refunded_minor = $10, their_payouts = $11, their_paid_out_minor = $12,
    their_came_back_minor = $13, our_payouts = $14, our_paid_out_minor = $15, our_came_back_minor = $16
WHERE cell = 0 AND id = $1
