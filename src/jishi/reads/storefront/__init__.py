"""The storefront: home, search, categories, shops, products. Reads only; everyone may look.

A list is two statements, whatever is in it: one finds ids in order and starts where a cursor says,
one fetches what their cards show. Categories that lead to something are kept for a minute per process.
"""
