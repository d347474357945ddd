"""Compensate: buyers of orders that left late get a part of their money back, by rule and once.

Owns table ``compensation``; composes ``refund_orders`` (money alone, the goods stay as they are).
Announces ``compensations.paid``. docs/money/compensation.md has the rule.
"""

from jishi.flows.compensate.flow import compensate_due as compensate_due
from jishi.flows.compensate.rules import LateRule as LateRule
from jishi.flows.compensate.rules import late_rule as late_rule
