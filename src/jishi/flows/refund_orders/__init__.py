"""Refund paid orders, whole or in part, and record what became of refunds."""

from jishi.flows.refund_orders.flow import RefundOrders as RefundOrders
from jishi.flows.refund_orders.flow import end_refunds as end_refunds
from jishi.flows.refund_orders.flow import refund as refund
from jishi.flows.refund_orders.types import Goods as Goods
from jishi.flows.refund_orders.types import RefundAsked as RefundAsked
from jishi.flows.refund_orders.types import RefundLine as RefundLine
from jishi.flows.refund_orders.types import RefundOrderVerdict as RefundOrderVerdict
