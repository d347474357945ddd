-- Closed days of shops' statements must follow each other and add up, with what is still open, to the ledger.
-- out:    shop, day, the two amounts that differ
WITH day AS (
    SELECT *, lag(closing_minor) OVER (PARTITION BY cell, shop_id ORDER BY day) AS before_minor,
        lead(day) OVER (PARTITION BY cell, shop_id ORDER BY day) IS NULL AS is_last
    FROM statement_day
), booked AS (
    SELECT p.cell, p.party_id AS shop_id, -sum(p.amount_minor) AS minor FROM ledger_posting p
    JOIN statement_mark m ON m.cell = p.cell AND m.shop_id = p.party_id
    JOIN ledger_transfer t ON t.cell = p.cell AND t.id = p.transfer_id
    WHERE p.kind IN ('payable:shop', 'receivable:shop') AND p.transfer_id <= m.last_id
        AND t.occurred_at < m.open_from_at
    GROUP BY 1, 2
)
SELECT shop_id, day, opening_minor AS one_minor, coalesce(before_minor, 0) AS other_minor FROM day
WHERE opening_minor <> coalesce(before_minor, 0)
UNION ALL
SELECT m.shop_id, m.open_from, m.balance_minor, coalesce(d.closing_minor, 0) FROM statement_mark m
LEFT JOIN day d ON d.cell = m.cell AND d.shop_id = m.shop_id AND d.is_last
WHERE m.balance_minor <> coalesce(d.closing_minor, 0)
UNION ALL
SELECT m.shop_id, m.open_from, m.balance_minor, coalesce(b.minor, 0) FROM statement_mark m
LEFT JOIN booked b ON b.cell = m.cell AND b.shop_id = m.shop_id
WHERE m.balance_minor <> coalesce(b.minor, 0)
