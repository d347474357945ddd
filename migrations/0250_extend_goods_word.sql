-- Where the market's own words apply: in goods, in what people write (reviews, chat), or in both. Owner: catalogue.
ALTER TABLE goods_word ADD COLUMN place text NOT NULL DEFAULT 'goods'
    CONSTRAINT goods_word_place CHECK (place IN ('goods', 'talk', 'both'));
