"""After-sale: a buyer asks for money back, a return, an exchange, what is missing, or a lower price.

Owns tables ``aftersale_case``, ``aftersale_step``, ``aftersale_message``, ``aftersale_ruling``,
``aftersale_parcel``, ``shop_return_address`` and ``aftersale_term``. Tells aftersale.asked, offered, agreed,
refused, returned, received, sent, escalated, ruled, appealed, closed; hears nothing itself. A line has at
most one open case, a case moves along MOVES, and a clock moves it when nobody does.
"""

from jishi.modules.aftersale.rules import Act as Act
from jishi.modules.aftersale.rules import Moved as Moved
from jishi.modules.aftersale.rules import decide as decide
from jishi.modules.aftersale.rules import opened as opened
from jishi.modules.aftersale.rules_ask import Facts as Facts
from jishi.modules.aftersale.rules_ask import LineStands as LineStands
from jishi.modules.aftersale.rules_ask import Wish as Wish
from jishi.modules.aftersale.rules_ask import check_wish as check_wish
from jishi.modules.aftersale.rules_disputes import Hearing as Hearing
from jishi.modules.aftersale.rules_disputes import RulingAsked as RulingAsked
from jishi.modules.aftersale.rules_disputes import check_operator as check_operator
from jishi.modules.aftersale.rules_disputes import ruling as ruling
from jishi.modules.aftersale.rules_disputes import ruling_by_clock as ruling_by_clock
from jishi.modules.aftersale.rules_money import MoneyBack as MoneyBack
from jishi.modules.aftersale.service import has_open_case as has_open_case
from jishi.modules.aftersale.service import open_cases as open_cases
from jishi.modules.aftersale.service import record as record
from jishi.modules.aftersale.service import say as say
from jishi.modules.aftersale.service import set_return_address as set_return_address
from jishi.modules.aftersale.service import take_over as take_over
from jishi.modules.aftersale.shown import case_json as case_json
from jishi.modules.aftersale.storage import case_of as case_of
from jishi.modules.aftersale.storage import due_cases as due_cases
from jishi.modules.aftersale.storage import find_case as find_case
from jishi.modules.aftersale.storage import is_shown_in as is_shown_in
from jishi.modules.aftersale.storage import lock_cases as lock_cases
from jishi.modules.aftersale.storage import messages_of as messages_of
from jishi.modules.aftersale.storage import open_cases_of as open_cases_of
from jishi.modules.aftersale.storage import parcels_of as parcels_of
from jishi.modules.aftersale.storage import return_address as return_address
from jishi.modules.aftersale.storage import ruling_of as ruling_of
from jishi.modules.aftersale.storage import rulings_of as rulings_of
from jishi.modules.aftersale.storage import set_claim as set_claim
from jishi.modules.aftersale.storage import steps_of as steps_of
from jishi.modules.aftersale.types import DEEDS as DEEDS
from jishi.modules.aftersale.types import MOVES as MOVES
from jishi.modules.aftersale.types import REASONS as REASONS
from jishi.modules.aftersale.types import Case as Case
from jishi.modules.aftersale.types import CaseKind as CaseKind
from jishi.modules.aftersale.types import CaseState as CaseState
from jishi.modules.aftersale.types import Decision as Decision
from jishi.modules.aftersale.types import Deed as Deed
from jishi.modules.aftersale.types import Message as Message
from jishi.modules.aftersale.types import Parcel as Parcel
from jishi.modules.aftersale.types import ReturnAddress as ReturnAddress
from jishi.modules.aftersale.types import Ruling as Ruling
from jishi.modules.aftersale.types import Side as Side
from jishi.modules.aftersale.types import Stage as Stage
from jishi.modules.aftersale.types import Step as Step
from jishi.modules.aftersale.types_rules import RULES as RULES
