-- In which condition goods are; second-hand shops must say. Owner: catalogue.
ALTER TABLE product ADD COLUMN condition text CONSTRAINT product_condition
    CHECK (condition IN ('new', 'like_new', 'good', 'fair', 'for_parts'));  -- NULL: new, not said
