"""Keep stock: goods received, written off and counted by a shop's staff, and the journal of a product.

The catalogue says which SKUs are the shop's, stock does the rest; one transaction.
"""
