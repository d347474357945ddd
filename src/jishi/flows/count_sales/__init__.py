"""Count sales: how many pieces of a product were paid for, less those of orders refunded in full.

Keeps ``product.sold_count`` from events, outside the hot path; owns no table.
"""
