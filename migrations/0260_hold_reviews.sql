-- Reviews in which the market's words were found are held: out of every list and count until an operator
-- has looked, with nobody named as the one who hid them. Owner: reviews.
ALTER TABLE review
    ADD COLUMN held_words text[] NOT NULL DEFAULT '{}',  -- what was found; empty once a person has decided
    DROP CONSTRAINT review_hidden,
    DROP CONSTRAINT review_hidden_why;
ALTER TABLE review
    ADD CONSTRAINT review_hidden_why CHECK (hidden_why IN
        ('abuse', 'advertising', 'private', 'off_topic', 'fake', 'illegal', 'other', 'held')),
    ADD CONSTRAINT review_hidden CHECK (num_nulls(hidden_at, hidden_why) IN (0, 2)
        AND (hidden_by IS NULL) = (hidden_at IS NULL OR hidden_why = 'held')),
    ADD CONSTRAINT review_held CHECK ((hidden_why IS NOT DISTINCT FROM 'held') = (held_words <> '{}'));
CREATE INDEX review_held_first ON review (id) WHERE hidden_why = 'held';
