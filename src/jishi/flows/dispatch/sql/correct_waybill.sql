-- Give a parcel the carrier and number it really travels under. What was scanned under the wrong number was
-- another parcel's: it goes, and the carrier is asked anew.
-- in:     $1 bigint parcel, $2 bigint order, $3 bigint shop, $4 text carrier, $5 text waybill, $6 boolean the
--         carrier can be asked, $7 bigint actor, $8 timestamptz now, $9 text the market's time zone
-- out:    no row when the shop has no such parcel; else ended · twice · corrected (also when nothing changed)
-- writes: parcel, parcel_scan, parcel_day, outbox
-- locks:  parcel; parcel_day by key
-- index:  primary keys of parcel, parcel_scan and sale_order; parcel_by_order
WITH held AS MATERIALIZED (
    SELECT p.*, o.buyer_id, o.state AS order_state, (p.carrier, p.waybill) IS DISTINCT FROM ($4, $5) AS is_other
    FROM parcel p JOIN sale_order o ON o.cell = p.cell AND o.id = p.order_id
    WHERE p.cell = cell_of($1) AND p.id = $1 AND p.order_id = $2 AND p.shop_id = $3
    FOR NO KEY UPDATE OF p
), judged AS MATERIALIZED (
    SELECT h.*, CASE
        WHEN h.order_state NOT IN (21, 30) OR h.progress IN ('delivered', 'returned', 'lost') THEN 'ended'
        WHEN EXISTS (SELECT FROM parcel q WHERE q.cell = h.cell AND q.order_id = h.order_id AND q.id <> h.id
            AND q.waybill = $5) THEN 'twice'
        ELSE 'corrected' END AS verdict
    FROM held h
), wrong AS (
    SELECT * FROM judged WHERE verdict = 'corrected' AND is_other
), corrected AS (
    UPDATE parcel p SET carrier = $4, waybill = $5, progress = 'shipped', last_scan_at = NULL, query_tries = 0,
        query_at = CASE WHEN $6 AND w.counted THEN $8::timestamptz END  -- else asked about once it is counted
    FROM wrong w WHERE p.cell = w.cell AND p.id = w.id
), unscanned AS (
    DELETE FROM parcel_scan s USING wrong w WHERE s.cell = w.cell AND s.parcel_id = w.id
), counted AS (
    INSERT INTO parcel_day AS d (cell, shop_id, day, carrier, lane_from, lane_to, parcels, shipped_late)
    SELECT w.cell, w.shop_id, (w.shipped_at AT TIME ZONE $9)::date, c.carrier, w.lane_from, w.lane_to, c.parcels,
        CASE WHEN w.shipped_at > w.promised_ship_at THEN c.parcels ELSE 0 END
    FROM wrong w, LATERAL (VALUES (w.carrier, -1), ($4, 1)) c(carrier, parcels)
    WHERE w.counted AND w.carrier <> $4 ORDER BY c.carrier
    ON CONFLICT (cell, shop_id, day, carrier, lane_from, lane_to) DO UPDATE
    SET parcels = d.parcels + excluded.parcels, shipped_late = d.shipped_late + excluded.shipped_late
), told AS (
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'parcels.corrected', order_id, jsonb_build_object('order_id', order_id::text, 'shop_id',
        shop_id::text, 'buyer_id', buyer_id::text, 'parcel_id', id::text, 'carrier', $4::text, 'waybill', $5::text,
        'was_carrier', carrier, 'was_waybill', waybill, 'actor_id', $7::bigint::text), $8
    FROM wrong
)
SELECT verdict FROM judged
