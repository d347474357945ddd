"""A buyer's orders: the list, one order with all that happened to it, and counts by state.

Reads only what is the asker's own: every statement names the buyer, and an order of somebody else is
as absent as one that never was. What a buyer does with an order stands in the flows.
"""
