-- A withdrawal the bank sends back after it was paid. Owner: payouts.
-- paid → returned: ended_at stays when it was paid, returned_at is when it came back.
ALTER TABLE withdrawal ADD COLUMN returned_at timestamptz;
ALTER TABLE withdrawal DROP CONSTRAINT withdrawal_state;
ALTER TABLE withdrawal ADD CONSTRAINT withdrawal_state
    CHECK (state IN ('prepared', 'asked', 'approved', 'sent', 'paid', 'failed', 'returned', 'refused'));
ALTER TABLE withdrawal DROP CONSTRAINT withdrawal_approved;
ALTER TABLE withdrawal ADD CONSTRAINT withdrawal_approved
    CHECK (state NOT IN ('approved', 'sent', 'paid', 'failed', 'returned')
        OR (approved_at IS NOT NULL AND (NOT needs_second OR seconded_by IS NOT NULL)
            AND (NOT needs_operator OR passed_by IS NOT NULL)));
ALTER TABLE withdrawal DROP CONSTRAINT withdrawal_ended;
ALTER TABLE withdrawal ADD CONSTRAINT withdrawal_ended
    CHECK ((state IN ('paid', 'failed', 'returned', 'refused')) = (ended_at IS NOT NULL));
ALTER TABLE withdrawal ADD CONSTRAINT withdrawal_returned CHECK ((state = 'returned') = (returned_at IS NOT NULL));
CREATE INDEX withdrawal_returned_at ON withdrawal (returned_at) WHERE returned_at IS NOT NULL;
