"""Measuring: the order book's commands at speed, with the raw floor beside them in the same run.

Every benchmark starts a throw-away market of its own unless it is given a database, and ends by
checking the invariants: a figure from a market that does not add up is worth nothing.
"""
