"""Payouts: where a shop's money may go, when it may leave, and every withdrawal to its end.

Owns tables ``settlement_terms``, ``bank_account``, ``bank_number``, ``withdrawal``,
``withdrawal_step``, ``statement_day``, ``statement_mark`` and ``statement_run``. Announces
``payouts.asked``, ``payouts.paid``, ``payouts.failed``, ``payouts.returned`` and ``payouts.refused``; hears
nothing. The money itself moves in the ledger, in flow ``withdraw``. Invariant: what ``clearing:payout`` holds
is the sum of the withdrawals under way, and nothing goes to an account whose owner has not proved it.
"""

from jishi.modules.payouts.provider import BankRefused as BankRefused
from jishi.modules.payouts.provider import BankUnreachable as BankUnreachable
from jishi.modules.payouts.provider import PayoutProvider as PayoutProvider
from jishi.modules.payouts.registry import open_payout_provider as open_payout_provider
from jishi.modules.payouts.service import set_terms as set_terms
from jishi.modules.payouts.types import LIMITS as LIMITS
from jishi.modules.payouts.types import BankAccount as BankAccount
from jishi.modules.payouts.types import BankAccountId as BankAccountId
from jishi.modules.payouts.types import Limits as Limits
from jishi.modules.payouts.types import Standing as Standing
from jishi.modules.payouts.types import State as State
from jishi.modules.payouts.types import Withdrawal as Withdrawal
from jishi.modules.payouts.types import WithdrawalId as WithdrawalId
