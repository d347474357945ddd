-- What a buyer laid out to send goods back that the shop must pay for. Owner: aftersale.
ALTER TABLE aftersale_case
    ADD COLUMN freight_minor bigint NOT NULL DEFAULT 0          -- named with the parcel, shown by a receipt
        CONSTRAINT aftersale_case_freight CHECK (freight_minor >= 0),
    ADD COLUMN freight_refund_id bigint,                        -- the order's money it was paid from
    ADD COLUMN freight_refunded_minor bigint NOT NULL DEFAULT 0 CHECK (freight_refunded_minor >= 0),
    ADD COLUMN freight_owed_minor bigint NOT NULL DEFAULT 0     -- beyond what was left of it; booked as owed
        CHECK (freight_owed_minor >= 0),
    ADD CONSTRAINT aftersale_case_freight_paid CHECK (
        freight_refunded_minor + freight_owed_minor IN (0, freight_minor)
        AND (freight_refunded_minor > 0) = (freight_refund_id IS NOT NULL));
