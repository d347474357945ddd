"""Admit goods: whether products may be on sale, by shop, permits, penalties and condition.

``listing_problems`` is asked by everything that puts goods on sale. A shop opened without papers (kind
``plain``) is not asked for permits: such a market has chosen to let people sell as they are.
"""

from jishi.flows.admit_goods.flow import listing_problems as listing_problems
