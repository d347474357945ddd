"""Complete orders: receipt confirmed by the buyer or the clock; escrow goes to the shop."""

from jishi.flows.complete_orders.flow import CompleteOrders as CompleteOrders
from jishi.flows.complete_orders.flow import complete as complete
from jishi.flows.complete_orders.flow import complete_due as complete_due
from jishi.flows.complete_orders.types import CompleteVerdict as CompleteVerdict
from jishi.flows.complete_orders.types import Completion as Completion
