"""One's favourites with what became of their prices, one's shops, and what is new in them."""
