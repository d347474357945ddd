-- Write cases as they have become. The rows are held by lock_cases.
-- in:     $1 jsonb an array of cases, fields as the columns, each one version further
-- out:    how many were written
-- index:  primary key
-- rule:   jishi.modules.aftersale.rules.stepped
WITH saved AS (
    UPDATE aftersale_case c SET (quantity, kind, stage, reason, state, amount_minor, offer_minor, refunded_minor,
            refund_id, swap_sku_id, came_back, return_address, evidence_until, appealed_by, claimed_by, claimed_at,
            deadline, version, moved_at, freight_minor, freight_refund_id, freight_refunded_minor, freight_owed_minor)
        = (n.quantity, n.kind, n.stage, n.reason, n.state, n.amount_minor, n.offer_minor, n.refunded_minor,
            n.refund_id, n.swap_sku_id, n.came_back, n.return_address, n.evidence_until, n.appealed_by, n.claimed_by,
            n.claimed_at, n.deadline, n.version, n.moved_at, n.freight_minor, n.freight_refund_id,
            n.freight_refunded_minor, n.freight_owed_minor)
    FROM jsonb_populate_recordset(NULL::aftersale_case, $1) n
    WHERE c.cell = n.cell AND c.id = n.id AND c.version = n.version - 1
    RETURNING 1
)
SELECT count(*) FROM saved
