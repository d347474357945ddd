"""A stand-alone payment provider to try a market against.

It is a process of its own (``python -m jishi.sandbox``), keeps its state in SQLite in its own home
and knows the market only through HTTP, as a real provider would: pay page, signed callbacks,
refunds, bills. No money moves. It can be told to
behave badly: answer late, twice, out of order, or not at all. Nothing acknowledged is lost when it
is killed: payments, refunds, used nonces and callbacks still due are rows, not memory.
"""
