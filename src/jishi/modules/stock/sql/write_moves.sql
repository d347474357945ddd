-- Write decided moves: the rows' new quantities and one line of the journal each.
-- in:     $1 bigint[] sku ids, $2 bigint[] warehouse ids, $3 text[] kinds, $4 bigint[] quantities,
--         $5 text[] reasons, $6 bigint actor, $7 timestamptz now. Each place at most once.
-- out:    how many rows changed
-- writes: stock, stock_move
-- locks:  the rows are held already by lock_places
-- rule:   types.EFFECTS
WITH moved AS MATERIALIZED (
    SELECT cell_of(m.sku_id) AS cell, m.* FROM unnest($1::bigint[], $2::bigint[], $3::text[],
        $4::bigint[], $5::text[]) WITH ORDINALITY m (sku_id, warehouse_id, kind, quantity, why, at)
), written AS (
    UPDATE stock s SET
        on_hand = s.on_hand + CASE m.kind WHEN 'receive' THEN m.quantity ELSE -m.quantity END,
        lost = s.lost + CASE m.kind WHEN 'lose' THEN m.quantity ELSE 0 END,
        received = s.received
            + CASE m.kind WHEN 'receive' THEN m.quantity WHEN 'take_out' THEN -m.quantity ELSE 0 END
    FROM moved m
    WHERE s.cell = m.cell AND s.sku_id = m.sku_id AND s.warehouse_id = m.warehouse_id
        AND m.kind IN ('receive', 'lose', 'take_out')
    RETURNING 1
), journalled AS (
    INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, actor_id, why, occurred_at)
    SELECT cell, sku_id, warehouse_id, kind, quantity, $6, why, $7 FROM moved ORDER BY at
)
SELECT count(*) FROM written;
