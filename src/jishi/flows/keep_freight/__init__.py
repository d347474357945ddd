"""Keep freight: a shop's pages for templates, warehouses, what lies in them, and how goods are sent.

Composes ``fulfilment`` (templates), ``stock`` (warehouses), ``catalogue`` and ``places``.
"""
