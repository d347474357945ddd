-- An offer of the same group that has one of these SKUs at one of these times.
-- in:     $1 smallint cell, $2 bigint[] SKUs, $3 text[] kinds, $4 and $5 timestamptz the window,
--         $6 bigint an offer that is not meant (0: none)
-- out:    its title; nothing when there is none
-- index:  offer_item_by_sku
SELECT o.title FROM offer_item i JOIN offer o ON o.cell = i.cell AND o.id = i.offer_id
WHERE i.cell = $1 AND i.sku_id = ANY ($2) AND i.ends_at > $4 AND i.starts_at < $5 AND i.ends_at > i.starts_at
    AND o.kind = ANY ($3) AND o.id <> $6
ORDER BY o.id LIMIT 1
