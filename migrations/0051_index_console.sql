-- What the consoles look things up by. Cost on the hot path: one entry per parcel (a waybill is searched
-- for by merchants and operators) and one per completed order (the list of them, and what a shop
-- settled in a month).
-- Refunds and parked events are rare. stock and the ledger get no new index.
CREATE INDEX parcel_by_waybill ON parcel (waybill, id);
CREATE INDEX sale_order_closed ON sale_order (cell, shop_id, closed_at, id) WHERE state IN (100, 200);
CREATE INDEX refund_newest ON refund (id DESC);
CREATE INDEX refund_failed ON refund (id DESC) WHERE state = 'failed';
CREATE INDEX outbox_parked_newest ON outbox_parked (parked_at DESC, position DESC)
    WHERE done_at IS NULL;
