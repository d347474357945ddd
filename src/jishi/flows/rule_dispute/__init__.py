"""Operators take up disputes, rule on them with a rule and reasons, decide appeals of others' rulings."""

from jishi.flows.rule_dispute.flow import claim as claim
from jishi.flows.rule_dispute.flow import let_go as let_go
from jishi.flows.rule_dispute.flow import rule as rule
