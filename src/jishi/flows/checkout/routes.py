"""Every route of this flow, from the files that hold them."""

from typing import Any

from jishi.flows.checkout import routes_api, routes_cart, routes_checkout, routes_orders, routes_pay

routes: list[Any] = [
    *routes_cart.routes,
    *routes_checkout.routes,
    *routes_pay.routes,
    *routes_orders.routes,
    *routes_api.routes,
]
