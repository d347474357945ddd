-- What needs a person, each counted to a thousand at most.
-- in:     $1 timestamptz now, $2 timestamptz a day ago, $3 timestamptz how long a refund may be under way
-- out:    one row
-- index:  shop_application_queue, shop_qualification_queue, violation_waiting, refund_failed, refund_open,
--         outbox_parked_open, payment_callback_newest, aftersale_case_disputes, product_audit_queue,
--         review_reported, review_held_first, withdrawal_in_state, bill_difference_open
SELECT
    (SELECT count(*) FROM (SELECT FROM refund WHERE state = 'failed' LIMIT 1000) few) AS refunds_failed,
    (SELECT count(*) FROM (SELECT FROM refund WHERE state IN ('asked', 'sent') AND asked_at < $3
        LIMIT 1000) few) AS refunds_slow,
    (SELECT count(*) FROM (SELECT FROM outbox_parked WHERE done_at IS NULL LIMIT 1000) few) AS parked,
    (SELECT count(*) FROM timed_job WHERE last_error IS NOT NULL) AS jobs_failing,
    (SELECT count(*) FROM (SELECT verdict FROM payment_callback WHERE received_at > $2
        ORDER BY received_at DESC LIMIT 5000) c
     WHERE verdict NOT IN ('recorded', 'repeat', 'noted', 'confirmed')) AS callbacks_odd,
    (SELECT count(*) FROM (SELECT FROM shop_application WHERE state IN ('submitted', 'under_review')
        LIMIT 1000) few) + (SELECT count(*) FROM (SELECT FROM shop_qualification
        WHERE state IN ('submitted', 'under_review') LIMIT 1000) few) AS applications,
    (SELECT count(*) FROM (SELECT FROM violation WHERE state IN ('answered', 'appealed')
        LIMIT 1000) few) AS cases,
    (SELECT count(*) FROM (SELECT FROM aftersale_case WHERE state IN ('disputed', 'appealed')
        LIMIT 1000) few) AS disputes,
    (SELECT min(deadline) FROM aftersale_case WHERE state IN ('disputed', 'appealed')) AS rule_by,
    (SELECT count(*) FROM (SELECT FROM product_audit WHERE state = 'open' LIMIT 1000) few) AS audits,
    (SELECT count(*) FROM (SELECT FROM review WHERE open_reports > 0 LIMIT 1000) few)
        + (SELECT count(*) FROM (SELECT FROM review WHERE hidden_why = 'held' AND open_reports = 0 LIMIT 1000) few) AS reviews,
    (SELECT count(*) FROM (SELECT FROM withdrawal WHERE state = 'asked' AND state <> 'paid'
        AND needs_operator AND passed_by IS NULL AND (seconded_by IS NOT NULL OR NOT needs_second)
        LIMIT 1000) few) AS withdrawals,
    (SELECT count(*) FROM (SELECT FROM bill_difference WHERE state = 'open' LIMIT 1000) few) AS differences,
    (SELECT count(*) FROM node_lease WHERE leased_until > $1) AS processes
