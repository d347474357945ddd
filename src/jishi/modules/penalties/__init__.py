"""Penalties: cases against shops under published rules, with evidence, clocks, answers and one appeal.

Owns tables ``shop_rule``, ``violation``, ``violation_penalty``, ``violation_evidence`` and
``violation_step``. Announces ``penalties.opened``, ``penalties.took_effect`` and
``penalties.reversed``; hears nothing. No case without evidence and a version of a rule; who judges an
appeal neither opened nor ruled on the case. What a penalty does to goods, shop and money is flow
``judge_shop``'s.
"""

from jishi.modules.penalties.service import answer as answer
from jishi.modules.penalties.service import appeal as appeal
from jishi.modules.penalties.service import due as due
from jishi.modules.penalties.service import end_penalties as end_penalties
from jishi.modules.penalties.service import get_case as get_case
from jishi.modules.penalties.service import has_open as has_open
from jishi.modules.penalties.service import judge as judge
from jishi.modules.penalties.service import list_rules as list_rules
from jishi.modules.penalties.service import listing_limit as listing_limit
from jishi.modules.penalties.service import lock_case as lock_case
from jishi.modules.penalties.service import open_case as open_case
from jishi.modules.penalties.service import pass_time as pass_time
from jishi.modules.penalties.service import points_of_owner as points_of_owner
from jishi.modules.penalties.service import points_of_shop as points_of_shop
from jishi.modules.penalties.service import rule as rule
from jishi.modules.penalties.service import set_owed as set_owed
from jishi.modules.penalties.types import KIND_WORDS as KIND_WORDS
from jishi.modules.penalties.types import STATE_WORDS as STATE_WORDS
from jishi.modules.penalties.types import Case as Case
from jishi.modules.penalties.types import CaseId as CaseId
from jishi.modules.penalties.types import CaseState as CaseState
from jishi.modules.penalties.types import Evidence as Evidence
from jishi.modules.penalties.types import NewCase as NewCase
from jishi.modules.penalties.types import NewPenalty as NewPenalty
from jishi.modules.penalties.types import Outcome as Outcome
from jishi.modules.penalties.types import Penalty as Penalty
from jishi.modules.penalties.types import PenaltyKind as PenaltyKind
from jishi.modules.penalties.types import ShopRule as ShopRule
