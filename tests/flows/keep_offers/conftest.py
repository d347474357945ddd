"""Buyers with a browser of their own, and goods they can buy."""

from tests.support.buying import app_pool, buyer, shop

__all__ = ["app_pool", "buyer", "shop"]
