-- Bills also say what was paid out and what came back from there. Owner: payments.
ALTER TABLE bill_check
    ADD COLUMN their_payouts integer NOT NULL DEFAULT 0,
    ADD COLUMN their_paid_out_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN their_came_back_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN our_payouts integer NOT NULL DEFAULT 0,
    ADD COLUMN our_paid_out_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN our_came_back_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE bill_difference DROP CONSTRAINT bill_difference_what;
ALTER TABLE bill_difference ADD CONSTRAINT bill_difference_what
    CHECK (what IN ('payment', 'refund', 'payout', 'payout_return', 'bill'));
