"""Deposits: what a shop must leave with the market, what it left, and what became of it.

Owns tables ``deposit_requirement``, ``deposit``, ``deposit_move``, ``deposit_payment`` and ``bank_receipt``.
Announces and hears nothing. A shop's ``held_minor`` is the sum of its moves, and the balance of
``deposit:shop`` in the ledger, which flow ``keep_deposits`` books in the same transaction.
"""

from jishi.modules.deposits.rules import lacking as lacking
from jishi.modules.deposits.service import add_payment as add_payment
from jishi.modules.deposits.service import claim_reference as claim_reference
from jishi.modules.deposits.service import deposit_of as deposit_of
from jishi.modules.deposits.service import get_payment as get_payment
from jishi.modules.deposits.service import list_moves as list_moves
from jishi.modules.deposits.service import lock_deposit as lock_deposit
from jishi.modules.deposits.service import mark_returned as mark_returned
from jishi.modules.deposits.service import open_payments as open_payments
from jishi.modules.deposits.service import overdue as overdue
from jishi.modules.deposits.service import record as record
from jishi.modules.deposits.service import refresh as refresh
from jishi.modules.deposits.service import returnable as returnable
from jishi.modules.deposits.service import start_return as start_return
from jishi.modules.deposits.service import stop_return as stop_return
from jishi.modules.deposits.service import take_payments as take_payments
from jishi.modules.deposits.types import AmountInvalid as AmountInvalid
from jishi.modules.deposits.types import Deposit as Deposit
from jishi.modules.deposits.types import DepositMove as DepositMove
from jishi.modules.deposits.types import DepositPayment as DepositPayment
from jishi.modules.deposits.types import MoveId as MoveId
from jishi.modules.deposits.types import MoveKind as MoveKind
from jishi.modules.deposits.types import NotEarned as NotEarned
from jishi.modules.deposits.types import ReferenceMissing as ReferenceMissing
