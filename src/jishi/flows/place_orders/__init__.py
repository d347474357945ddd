"""Place orders: from a cart or "buy now" to unpaid orders that hold their stock.

One checkout, an order per shop; all of it or nothing. Prices are quoted again here. Requests that
arrive together go to the database as one batch. Writes stock, orders, payments and the outbox.
"""

from jishi.flows.place_orders.flow import PlaceOrders as PlaceOrders
from jishi.flows.place_orders.flow import place as place
from jishi.flows.place_orders.types import CheckoutAsked as CheckoutAsked
from jishi.flows.place_orders.types import LineAsked as LineAsked
from jishi.flows.place_orders.types import Placed as Placed
from jishi.flows.place_orders.types import Refused as Refused
