-- Invoices whose shop is to be reminded, each told at most twice: a day before it is due, and when it is.
-- in:     $1 timestamptz now, $2 int how many at most
-- out:    invoice, shop, order, when it is due
-- writes: invoice
-- locks:  invoice by (remind_at, id), skipping those somebody issues
-- index:  invoice_reminding
-- rule:   jishi.modules.invoices.rules.next_reminder
WITH due AS (
    SELECT cell, id FROM invoice WHERE remind_at <= $1 ORDER BY remind_at, id LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE invoice i SET remind_at = CASE WHEN i.due_at > $1 THEN i.due_at END
FROM due d WHERE i.cell = d.cell AND i.id = d.id
RETURNING i.id, i.shop_id, i.order_id, i.due_at
