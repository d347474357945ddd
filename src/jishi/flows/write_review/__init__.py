"""Writing about what one bought: review, follow-up, votes, reports. Joins orders, media and reviews.

Only who bought a line may review it, once; whose votes count for the order of lists is decided by
what they have bought. Owns no table.
"""
