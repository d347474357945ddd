"""Take a payment: record the provider's news once, then let the money reach each order, or the deposit
it is for.

Two steps, each a batch of its own: the news in the payment's cell, the orders in theirs. What a
crash leaves between them is finished by the listener on ``payments.recorded``.
"""

from jishi.flows.take_payment.flow import TakePayment as TakePayment
from jishi.flows.take_payment.flow import pay_orders as pay_orders
from jishi.flows.take_payment.flow import record as record
from jishi.flows.take_payment.types import PartPaid as PartPaid
from jishi.flows.take_payment.types import PayVerdict as PayVerdict
