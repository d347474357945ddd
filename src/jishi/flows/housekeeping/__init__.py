"""Housekeeping: forgets what nobody needs any more, in bounded batches. Owns no table.

Answers kept for Idempotency-Keys go after two days, events a week after every listener has passed
them. Orders, money and steps are never forgotten.
"""
