"""The demo: a market people believe, and the town that uses it.

``fill`` opens shops, lists goods and lets a month of orders pass through the real functions; the
same seed makes the same market everywhere. ``town`` lets simulated people browse, buy, pay, ship and
confirm over HTTP. Texts are written: shops and goods in ``shelves/``, names and streets in
``people``. Owns no table. Source: decision 0020.
"""
