"""Score shops: count what the score rests on over orders, reviews and questions, once a day for every shop."""

from jishi.flows.score_shops.flow import score_next as score_next
