"""Keep deposits: paid in from earnings, by bank or through a payment provider, topped up, and given back
after a shop has closed.

Every move of a deposit is a transfer in the ledger in the same transaction: docs/money/deposit.md.
"""

from jishi.flows.keep_deposits.flow import balance_of as balance_of
from jishi.flows.keep_deposits.flow import move_deposit as move_deposit
from jishi.flows.keep_deposits.paying import take_paid_in as take_paid_in
from jishi.flows.keep_deposits.types import PaidIn as PaidIn
