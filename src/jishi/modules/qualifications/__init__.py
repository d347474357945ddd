"""Qualifications: the permits that categories ask for, and those a shop holds until their last day.

Owns tables ``qualification_kind``, ``category_qualification`` and ``shop_qualification``. Announces and hears
nothing. A permit counts from its approval to the end of its last day; of a kind, one waits at a time.
"""

from jishi.modules.qualifications.rules import permit_day as permit_day
from jishi.modules.qualifications.service import claim as claim
from jishi.modules.qualifications.service import decide as decide
from jishi.modules.qualifications.service import ending as ending
from jishi.modules.qualifications.service import get_qualification as get_qualification
from jishi.modules.qualifications.service import list_kinds as list_kinds
from jishi.modules.qualifications.service import missing_for as missing_for
from jishi.modules.qualifications.service import of_shop as of_shop
from jishi.modules.qualifications.service import submit as submit
from jishi.modules.qualifications.service import withdraw as withdraw
from jishi.modules.qualifications.types import REASONS as REASONS
from jishi.modules.qualifications.types import Ending as Ending
from jishi.modules.qualifications.types import NewQualification as NewQualification
from jishi.modules.qualifications.types import Qualification as Qualification
from jishi.modules.qualifications.types import QualificationId as QualificationId
from jishi.modules.qualifications.types import QualificationKind as QualificationKind
from jishi.modules.qualifications.types import QualificationMissing as QualificationMissing
from jishi.modules.qualifications.types import QualificationState as QualificationState
