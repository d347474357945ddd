-- Deposits paid through a payment provider. Owner: deposits. In the shop's cell, with the payment itself.
CREATE TABLE deposit_payment (
    cell smallint NOT NULL,
    payment_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    provider text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT deposit_payment_amount CHECK (amount_minor > 0),
    asked_by bigint NOT NULL,
    expires_at timestamptz NOT NULL,           -- from then on no page is made for it; money that comes is still taken
    taken_at timestamptz,                      -- when its money reached the deposit
    PRIMARY KEY (cell, payment_id),
    CONSTRAINT deposit_payment_cell CHECK (cell = cell_of(payment_id)),
    CONSTRAINT deposit_payment_shop_cell CHECK (cell = cell_of(shop_id))
);
CREATE INDEX deposit_payment_by_shop ON deposit_payment (cell, shop_id, payment_id DESC);

-- provider: paid through a payment provider; its subject is the payment
ALTER TABLE deposit_move DROP CONSTRAINT deposit_move_kind;
ALTER TABLE deposit_move ADD CONSTRAINT deposit_move_kind
    CHECK (kind IN ('bank', 'provider', 'payable', 'penalty', 'penalty_back', 'return'));
