"""Orders: what was agreed between a buyer and a shop, and where it stands.

Owns tables: checkout, sale_order, sale_order_line, sale_order_offer, sale_order_step, offer_stock,
offer_taken. Its rows are written by the flows that change other things in the same transaction (place,
pay, ship, complete, cancel, refund), each of which walks MOVES. Announces orders.placed, orders.paid,
orders.shipped, orders.completed, orders.cancelled, orders.part_refunded, orders.refunded,
orders.payment_returned. Invariant: amount = Σ lines = Σ units, for every payer.
"""

from jishi.modules.orders.rules import LineLeft as LineLeft
from jishi.modules.orders.rules import RefundParts as RefundParts
from jishi.modules.orders.rules import refund_cap as refund_cap
from jishi.modules.orders.rules import refund_parts as refund_parts
from jishi.modules.orders.rules import units as units
from jishi.modules.orders.types import MOVES as MOVES
from jishi.modules.orders.types import OrderState as OrderState
