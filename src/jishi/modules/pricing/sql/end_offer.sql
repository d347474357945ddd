-- End an offer before its time; what has been placed stays.
-- in:     $1 smallint cell, $2 bigint offer, $3 bigint shop, $4 timestamptz now
-- out:    the offer, when it was still to end
-- writes: offer, offer_item
WITH ended AS (
    UPDATE offer SET ended_at = $4 WHERE cell = $1 AND id = $2 AND shop_id = $3 AND ended_at IS NULL AND ends_at > $4
    RETURNING cell, id
), shut AS (
    UPDATE offer_item i SET ends_at = least(i.ends_at, $4) FROM ended e WHERE i.cell = e.cell AND i.offer_id = e.id
)
SELECT id FROM ended
