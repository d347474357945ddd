-- Write both sides' sums of a check.
-- in:     $1 bigint check, $2 … $10 counts and sums in minor units, as they stand below
-- writes: bill_check
UPDATE bill_check SET their_payments = $2, their_refunds = $3, their_paid_minor = $4,
    their_refunded_minor = $5, their_fee_minor = $6, our_payments = $7, our_refunds = $8,
    our_paid_minor = $9, our_refunded_minor = $10
WHERE cell = 0 AND id = $1
