"""Cancel unpaid orders, by buyer, shop or clock; their stock is free again at once."""

from jishi.flows.cancel_orders.flow import CancelOrders as CancelOrders
from jishi.flows.cancel_orders.flow import cancel as cancel
from jishi.flows.cancel_orders.flow import lapse_due as lapse_due
from jishi.flows.cancel_orders.types import Cancellation as Cancellation
from jishi.flows.cancel_orders.types import CancelVerdict as CancelVerdict
