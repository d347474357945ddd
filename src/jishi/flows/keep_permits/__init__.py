"""Keep permits: which goods may be listed with what a shop holds, and what happens when a permit ends.

``listing_problems`` is asked by everything that puts goods on sale. A shop opened without papers (kind
``plain``) is not asked for permits: such a market has chosen to let people sell as they are.
"""

from jishi.flows.keep_permits.guard import listing_problems as listing_problems
from jishi.flows.keep_permits.guard import permit_day as permit_day
