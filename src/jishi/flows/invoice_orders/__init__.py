"""Invoice orders: what may be invoiced is read from the order book under lock, and follows its refunds.

An invoice is for what the buyer paid and did not get back, frozen when it is issued; a refund afterwards asks
the shop for a red one. Owns no table.
"""
