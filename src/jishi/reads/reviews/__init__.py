"""Pages about reviews: a product's, one's own, a shop's, and what an operator has to look at.

A list is two statements, whatever its filter: one finds ids where a cursor says, one what they show.
"""
