-- Add to the votes of a review and rank it by them. The caller holds the review.
-- in:   $1 smallint cell, $2 bigint review, $3 helpful, $4 unhelpful, $5 and $6 the same by trusted accounts
-- rule: rules.rank
UPDATE review SET helpful = helpful + $3, unhelpful = unhelpful + $4,
    trusted_helpful = trusted_helpful + $5, trusted_unhelpful = trusted_unhelpful + $6,
    rank = review_rank(id, order_id IS NOT NULL, detail, trusted_helpful + $5, trusted_unhelpful + $6, pair, twins)
WHERE cell = $1 AND id = $2
