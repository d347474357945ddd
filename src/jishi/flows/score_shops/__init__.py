"""Score shops: what the score rests on, counted over orders, reviews and questions once a day."""

from jishi.flows.score_shops.flow import score_next as score_next
