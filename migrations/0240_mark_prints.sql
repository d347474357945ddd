-- How often a label was printed, so that a second print says that it is one. Owner: fulfilment.
ALTER TABLE waybill
    ADD COLUMN prints integer NOT NULL DEFAULT 0 CONSTRAINT waybill_prints CHECK (prints >= 0),
    ADD COLUMN printed_at timestamptz,  -- the first time
    ADD CONSTRAINT waybill_printed CHECK ((prints > 0) = (printed_at IS NOT NULL));
-- All labels of an order: waybill_live has only those that still wait.
CREATE INDEX waybill_by_order ON waybill (cell, order_id, id);
-- A shop's labels that wait, oldest first; the index of all its labels is read by nobody then.
CREATE INDEX waybill_waiting ON waybill (cell, shop_id, id) WHERE state IN ('asked', 'made', 'cancelling');
DROP INDEX waybill_by_shop;
-- A waybill scanned at the packing table.
CREATE INDEX waybill_by_number ON waybill (cell, shop_id, number) WHERE number IS NOT NULL;

-- Nobody read it: shops see overdue parcels in a list instead of being told of each.
ALTER TABLE parcel DROP COLUMN warned_at;
