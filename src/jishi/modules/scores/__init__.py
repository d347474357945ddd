"""Scores: how well a shop serves its buyers, from 0 to 100, one figure after another, a row a day.

Owns tables ``shop_score`` and ``score_run``. Announces and hears nothing. The formula is
``rules.scored``, published in docs/rules/score.md under the version each row names.
"""

from jishi.modules.scores.rules import FIGURES as FIGURES
from jishi.modules.scores.rules import FORMULA as FORMULA
from jishi.modules.scores.rules import PRIOR_ORDERS as PRIOR_ORDERS
from jishi.modules.scores.rules import START as START
from jishi.modules.scores.rules import scored as scored
from jishi.modules.scores.rules import settlement_days as settlement_days
from jishi.modules.scores.service import history as history
from jishi.modules.scores.service import newest as newest
from jishi.modules.scores.service import next_shops as next_shops
from jishi.modules.scores.service import open_run as open_run
from jishi.modules.scores.service import write_scores as write_scores
from jishi.modules.scores.types import Counted as Counted
from jishi.modules.scores.types import DayScore as DayScore
from jishi.modules.scores.types import Figure as Figure
from jishi.modules.scores.types import FigureScore as FigureScore
