"""Reprice an order: a shop lowers the price of one of its unpaid orders, as agreed with the buyer.

Only downwards, on the goods or the freight, and only until the buyer has opened the payment page: what a
provider was asked for never changes. Order, lines, payment, step and event change in one transaction.
"""

from jishi.flows.reprice_order.flow import reprice as reprice
from jishi.flows.reprice_order.types import RepriceAsked as RepriceAsked
from jishi.flows.reprice_order.types import Repriced as Repriced
