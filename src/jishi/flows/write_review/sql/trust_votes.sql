-- Votes of accounts that have a history by now count for the order of lists from here on.
-- in:     $1 timestamptz votes since, $2 bigint accounts opened before (an id), $3 int how many at most
-- out:    the reviews to be ranked anew
-- writes: review_vote
-- locks:  votes by (voted_at, review, account), skipping those being changed
-- index:  review_vote_doubted, sale_order_by_buyer
-- rule:   rules.has_history
WITH doubted AS (
    SELECT v.cell, v.review_id, v.account_id FROM review_vote v
    WHERE NOT v.is_trusted AND v.voted_at >= $1 AND v.account_id >> 22 < $2::bigint >> 22
        AND EXISTS (SELECT FROM sale_order o WHERE o.buyer_id = v.account_id AND o.state = 100)
    ORDER BY v.voted_at, v.review_id, v.account_id LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE review_vote v SET is_trusted = true FROM doubted d
WHERE v.cell = d.cell AND v.review_id = d.review_id AND v.account_id = d.account_id
RETURNING v.review_id
