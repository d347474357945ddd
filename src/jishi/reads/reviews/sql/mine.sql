-- A writer's own reviews, newest first, hidden ones too with the reason.
-- in:    $1 bigint writer, $2 bigint id of the last one seen, $3 int how many
-- index: review_by_writer, primary keys
SELECT r.*, p.title, p.title_en, p.pictures -> 0 AS picture
FROM (SELECT * FROM review WHERE writer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3) r
JOIN product p ON p.cell = r.cell AND p.id = r.product_id
ORDER BY r.id DESC
