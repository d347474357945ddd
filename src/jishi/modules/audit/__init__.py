"""The record of what operators do by hand: who, when, what, to which subject, with which facts.

Owns table ``audit``, which only grows. Announces and hears nothing. A line is written in the transaction of
what it tells: no line without the deed, no deed without the line.
"""

from jishi.modules.audit.service import list_lines as list_lines
from jishi.modules.audit.service import note as note
from jishi.modules.audit.types import ACTION_WORDS as ACTION_WORDS
from jishi.modules.audit.types import AuditLine as AuditLine
