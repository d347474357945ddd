"""Local servers that check signatures as WeChat Pay, Alipay and Stripe do.

Written from their manuals with ``cryptography`` alone, not with the libraries under test. Each
listens on a free port, answers over real HTTP, and refuses what the real one would refuse.
"""
