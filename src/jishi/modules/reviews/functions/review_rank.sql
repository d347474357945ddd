-- What a list of reviews is put in order by, the highest first.
-- in:   the review's id (its day is in it), whether it was bought here, points for what it tells, votes by
--       accounts with a history, earlier reviews of the same buyer at the shop, others in the same words
-- out:  points
-- rule: rules.rank
CREATE OR REPLACE FUNCTION review_rank(
    p_id bigint, p_bought boolean, p_detail integer, p_helpful integer, p_unhelpful integer,
    p_pair integer, p_twins integer
) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ((CASE WHEN p_bought THEN 300 ELSE 0 END + p_detail
    + CASE WHEN p_helpful + p_unhelpful = 0 THEN 0 ELSE
        div(div(greatest(0, p_helpful * 10000::numeric + 19208 - div(196 * floor(sqrt(
            (div(p_helpful::numeric * p_unhelpful * 100000000, (p_helpful + p_unhelpful)::numeric)
                + 96040000)::numeric(60, 20))), 100)) * 1000,
            (p_helpful + p_unhelpful) * 10000::numeric + 38416) * 400, 1000)::integer END)
    * (CASE p_pair WHEN 0 THEN 100 WHEN 1 THEN 70 WHEN 2 THEN 50 ELSE 30 END) / 100
    / (1 + p_twins)
    + ((p_id >> 22) / 86400000 / 2))::integer;
