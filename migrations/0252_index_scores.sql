-- What all shops counted on a day is added up once a day. Owner: scores.
CREATE INDEX shop_score_by_day ON shop_score (day);
