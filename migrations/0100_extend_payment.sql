-- Payments a buyer may pay at one of several providers. Owner: payments.
-- A provider that was asked before the buyer chose another one: its page may still be open, so its money
-- is taken, and when the payment is paid elsewhere already it goes back. In the payment's cell.
ALTER TABLE payment ADD COLUMN double_of bigint;  -- money that came a second time: the payment it came for

CREATE TABLE payment_ask (
    cell smallint NOT NULL,
    payment_id bigint NOT NULL,
    provider text NOT NULL,
    provider_ref text,
    pay_url text,
    check_at timestamptz,             -- ask the provider then; NULL: its last word is known
    double_id bigint,                 -- the payment that stands for its money, when that came second
    PRIMARY KEY (cell, payment_id, provider),
    CONSTRAINT payment_ask_cell CHECK (cell = cell_of(payment_id))
);
CREATE INDEX payment_ask_checking ON payment_ask (check_at, payment_id) WHERE check_at IS NOT NULL;

-- What a day's bill is compared with. BRIN: recording a payment still touches no index entry.
CREATE INDEX payment_paid_day ON payment USING brin (paid_at);
CREATE INDEX refund_confirmed_day ON refund (ended_at) WHERE state = 'confirmed';
