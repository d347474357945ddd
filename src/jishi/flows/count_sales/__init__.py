"""Count sales: how many pieces of a product were paid for, less what was refunded before it left.

Keeps ``product.sold_count`` from events, outside the hot path; owns no table.
"""
