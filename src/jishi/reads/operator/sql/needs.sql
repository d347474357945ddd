-- What needs a person, each counted to a thousand at most.
-- in:     $1 timestamptz now, $2 timestamptz a day ago, $3 timestamptz how long a refund may be under way
-- out:    one row
-- index:  shop_application_queue, shop_qualification_queue, violation_open, refund_failed,
--         refund_open, outbox_parked_open, payment_callback_newest
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
    (SELECT count(*) FROM node_lease WHERE leased_until > $1) AS processes
