-- Scores of shops, one row a day, with the counts each rests on. Owner: scores.
CREATE TABLE shop_score (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    day date NOT NULL,                         -- counts the thirty days before it, in the market's zone
    formula smallint NOT NULL,                 -- version of docs/rules/score.md
    score smallint CONSTRAINT shop_score_range CHECK (score BETWEEN 0 AND 100),  -- NULL: nothing to go by yet
    -- {"dispatch": {"good", "total", "market_good", "market_total", "rate_bp", "points"} …}
    figures jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (cell, shop_id, day),
    CONSTRAINT shop_score_cell CHECK (cell = cell_of(shop_id))
);
-- How far the day's scores are: shops are scored in batches in order of (cell, id).
CREATE TABLE score_run (
    day date PRIMARY KEY,
    market jsonb NOT NULL,                     -- good and total of the whole market, by figure
    after_id bigint NOT NULL DEFAULT 0,
    done_at timestamptz
);
