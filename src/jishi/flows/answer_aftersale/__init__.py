"""What buyer, shop and the clock do with a case: agree, refuse, offer, send, receive, call the market.

A deed locks the order, then the case; decides by the rules; gives money back through ``refund_orders``; takes
replacements from the shelf; and writes case, journal and events, all in one transaction.
"""

from jishi.flows.answer_aftersale.flow import Asked as Asked
from jishi.flows.answer_aftersale.flow import act_on as act_on
from jishi.flows.answer_aftersale.flow import act_once as act_once
from jishi.flows.answer_aftersale.flow import give_back as give_back
from jishi.flows.answer_aftersale.flow import lapse_due as lapse_due
from jishi.flows.answer_aftersale.rules import line_stands as line_stands
from jishi.flows.answer_aftersale.storage import around as around
from jishi.flows.answer_aftersale.storage import lines_at as lines_at
from jishi.flows.answer_aftersale.storage import lines_of as lines_of
from jishi.flows.answer_aftersale.storage import lock_order as lock_order
from jishi.flows.answer_aftersale.storage import lock_with_orders as lock_with_orders
from jishi.flows.answer_aftersale.storage import stands_of as stands_of
