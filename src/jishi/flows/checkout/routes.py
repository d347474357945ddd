"""Every route of this flow, from the files that hold them."""

from typing import Any

from jishi.flows.checkout.routes_api import routes as api
from jishi.flows.checkout.routes_cart import routes as cart
from jishi.flows.checkout.routes_checkout import routes as checkout
from jishi.flows.checkout.routes_orders import routes as orders
from jishi.flows.checkout.routes_pay import routes as pay
from jishi.flows.checkout.routes_quote import routes as quote

routes: list[Any] = [*cart, *checkout, *pay, *orders, *api, *quote]
