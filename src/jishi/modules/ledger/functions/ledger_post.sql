-- Book transfers: rows, postings, and every touched account's totals in one insert-or-add.
-- in:     per transfer t_cells, t_kinds, t_orders, t_subjects, t_at; per posting p_transfer (1-based
--         index into the transfers), p_kinds, p_parties, p_amounts minor (debit +, credit −, 0 left out)
-- out:    nothing; raises when a transfer does not sum to zero or was booked before, or when money
--         owed to others (escrow, payable, deposit) would fall below nothing
-- writes: ledger_transfer, ledger_posting, ledger_account
-- locks:  ledger_account by (cell, kind, party_id)
-- rule:   jishi.modules.ledger.rules.totals
CREATE OR REPLACE FUNCTION ledger_post(
    t_cells smallint[], t_kinds text[], t_orders bigint[], t_subjects bigint[], t_at timestamptz[],
    p_transfer integer[], p_kinds text[], p_parties bigint[], p_amounts bigint[]
) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    ids bigint[];
    below text;
BEGIN
    IF coalesce(cardinality(t_cells), 0) = 0 THEN
        RETURN;
    END IF;
    IF EXISTS (
        SELECT FROM unnest(p_transfer, p_amounts) p(transfer, amount)
        GROUP BY transfer HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'a transfer does not sum to zero';
    END IF;
    ids := ARRAY(SELECT nextval('ledger_transfer_id') FROM generate_series(1, cardinality(t_cells)));

    INSERT INTO ledger_transfer (cell, id, kind, order_id, subject_id, occurred_at)
    SELECT t.cell, t.id, t.kind, t.order_id, t.subject_id, t.at
    FROM unnest(t_cells, ids, t_kinds, t_orders, t_subjects, t_at)
        t(cell, id, kind, order_id, subject_id, at);

    INSERT INTO ledger_posting (cell, transfer_id, posting, kind, party_id, amount_minor)
    SELECT t_cells[p.transfer], ids[p.transfer],
        row_number() OVER (PARTITION BY p.transfer ORDER BY p.at), p.kind, p.party, p.amount
    FROM unnest(p_transfer, p_kinds, p_parties, p_amounts)
        WITH ORDINALITY p(transfer, kind, party, amount, at)
    WHERE p.amount <> 0;

    WITH added AS (
        INSERT INTO ledger_account AS a (cell, kind, party_id, debit_minor, credit_minor)
        SELECT t_cells[p.transfer], p.kind, p.party,
            sum(greatest(p.amount, 0)), sum(greatest(-p.amount, 0))
        FROM unnest(p_transfer, p_kinds, p_parties, p_amounts) p(transfer, kind, party, amount)
        WHERE p.amount <> 0
        GROUP BY 1, 2, 3
        ORDER BY 1, 2, 3
        ON CONFLICT (cell, kind, party_id) DO UPDATE
        SET debit_minor = a.debit_minor + excluded.debit_minor,
            credit_minor = a.credit_minor + excluded.credit_minor
        RETURNING kind, party_id, debit_minor, credit_minor
    )
    SELECT kind || ' of ' || party_id INTO below FROM added
    WHERE debit_minor > credit_minor
        AND (kind = 'escrow' OR kind LIKE 'payable:%' OR kind LIKE 'deposit:%')
    LIMIT 1;
    IF below IS NOT NULL THEN
        RAISE EXCEPTION 'account % would fall below nothing', below;
    END IF;
END
$$;
