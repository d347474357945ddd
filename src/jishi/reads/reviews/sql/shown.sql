-- What strangers see of reviews, in the order of their ids, with the reader's vote.
-- in:    $1 smallint cell, $2 bigint[] reviews, $3 bigint reader (NULL: a visitor)
-- index: primary keys
SELECT r.id, r.product_id, r.writer_id, r.writer_name, r.is_anonymous, r.order_id IS NULL AS is_imported,
    r.options, r.stars, r.text, r.pictures, r.follow_up, r.follow_up_pictures, r.followed_up_at, r.answer,
    r.helpful, r.unhelpful, r.created_at, r.edited_at, v.is_helpful AS mine
FROM unnest($2::bigint[]) WITH ORDINALITY a (id, at)
JOIN review r ON r.cell = $1 AND r.id = a.id AND r.hidden_at IS NULL
LEFT JOIN review_vote v ON v.cell = r.cell AND v.review_id = r.id AND v.account_id = $3
ORDER BY a.at
