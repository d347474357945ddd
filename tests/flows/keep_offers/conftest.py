"""Buyers with a browser of their own, and goods they can buy."""

from tests.support.buying import app_pool, buyer, shop
from tests.support.invariants import sound

__all__ = ["app_pool", "buyer", "shop", "sound"]
