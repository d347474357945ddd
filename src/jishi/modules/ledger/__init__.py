"""The ledger: every minor unit of money, in transfers that sum to zero.

Owns tables ``ledger_account``, ``ledger_transfer`` and ``ledger_posting``, written only by the function
``ledger_post`` inside the transaction of what happened. Announces and hears nothing. Invariant: an
account's totals are the sums of its postings; they only grow, and money owed to others never goes
below nothing. Debit is positive: ``balance = debit − credit``.
"""

from jishi.modules.ledger.rules import account_words as account_words
from jishi.modules.ledger.rules import adds_up as adds_up
from jishi.modules.ledger.rules import balance as balance
from jishi.modules.ledger.rules import equation as equation
from jishi.modules.ledger.rules import has_floor as has_floor
from jishi.modules.ledger.rules import is_owed as is_owed
from jishi.modules.ledger.rules import kind_words as kind_words
from jishi.modules.ledger.rules import shown_balance as shown_balance
from jishi.modules.ledger.rules import totals as totals
from jishi.modules.ledger.service import get_account as get_account
from jishi.modules.ledger.service import get_transfer as get_transfer
from jishi.modules.ledger.service import list_accounts as list_accounts
from jishi.modules.ledger.service import list_kinds as list_kinds
from jishi.modules.ledger.service import list_transfers_of as list_transfers_of
from jishi.modules.ledger.service import post as post
from jishi.modules.ledger.service import recount as recount
from jishi.modules.ledger.service import shop_totals as shop_totals
from jishi.modules.ledger.service import statement as statement
from jishi.modules.ledger.types import Account as Account
from jishi.modules.ledger.types import AccountNotFound as AccountNotFound
from jishi.modules.ledger.types import Booking as Booking
from jishi.modules.ledger.types import Entry as Entry
from jishi.modules.ledger.types import KindTotals as KindTotals
from jishi.modules.ledger.types import Posting as Posting
from jishi.modules.ledger.types import Recount as Recount
from jishi.modules.ledger.types import ShopTotals as ShopTotals
from jishi.modules.ledger.types import Transfer as Transfer
from jishi.modules.ledger.types import TransferKind as TransferKind
from jishi.modules.ledger.types import TransferNotFound as TransferNotFound
