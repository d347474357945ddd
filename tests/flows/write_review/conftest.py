"""A buyer with a browser, a shop, and orders of it."""

from tests.support.buying import app_pool, buyer, shop

__all__ = ["app_pool", "buyer", "shop"]
