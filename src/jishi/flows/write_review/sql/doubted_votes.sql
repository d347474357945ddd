-- Votes that do not count for the order of lists yet, of accounts that have a history by now.
-- in:    $1 timestamptz votes since, $2 bigint accounts opened before (an id), $3 int how many at most
-- out:   review_id, account_id; the oldest votes first
-- index: review_vote_doubted, sale_order_by_buyer
-- rule:  rules.has_history
SELECT v.review_id, v.account_id FROM review_vote v
WHERE NOT v.is_trusted AND v.voted_at >= $1 AND v.account_id >> 22 < $2::bigint >> 22
    AND EXISTS (SELECT FROM sale_order o WHERE o.buyer_id = v.account_id AND o.state = 100)
ORDER BY v.voted_at, v.review_id, v.account_id LIMIT $3
