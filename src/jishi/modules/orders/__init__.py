"""Orders: what was agreed between a buyer and a shop, and where it stands.

Owns tables: checkout, sale_order, sale_order_line, sale_order_step. Its rows are written by the flows
that change other things in the same transaction (place, pay, ship, complete, cancel, refund), each
of which walks MOVES. Announces orders.placed, orders.paid, orders.shipped, orders.completed,
orders.cancelled, orders.refunded, orders.payment_returned. Invariant: amount = Σ lines = Σ units.
"""

from jishi.modules.orders.rules import units as units
from jishi.modules.orders.types import MOVES as MOVES
from jishi.modules.orders.types import OrderState as OrderState
