"""Open a shop: the shop with its owner, and the warehouse it starts with, in one transaction."""

from jishi.flows.open_shop.flow import open_shop as open_shop
