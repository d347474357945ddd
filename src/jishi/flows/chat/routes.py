"""HTTP for conversations, of buyers and of shops."""

from jishi.flows.chat import routes_buyer, routes_shop

routes = [*routes_buyer.routes, *routes_shop.routes]
