"""Search: which goods are found by which words, what they can be narrowed by, and what people search for.

Owns tables ``search_entry``, ``search_tier``, ``search_facet``, ``search_word``, ``search_near``,
``search_synonym``, ``search_day``, ``search_query``, ``search_recent``, ``search_walk``; reads products,
SKUs, stock, shops and categories. Hears ``catalogue.listed``, ``catalogue.changed``, ``catalogue.delisted``
and ``shops.changed``. A listed product is found by its present words within a second of the change; nothing
that is not listed is ever shown. How results are put in order stands in ``docs/decisions/0130-search.md``.
"""

from jishi.modules.search.recording import Recorder as Recorder
from jishi.modules.search.rules import facet_code as facet_code
from jishi.modules.search.rules import plan_of as plan_of
from jishi.modules.search.service import catch_up as catch_up
from jishi.modules.search.service import index_products as index_products
from jishi.modules.search.service import popular as popular
from jishi.modules.search.service import recent as recent
from jishi.modules.search.service import recount as recount
from jishi.modules.search.service import settle_tiers as settle_tiers
from jishi.modules.search.types import Asked as Asked
from jishi.modules.search.types import Narrowing as Narrowing
from jishi.modules.search.types import Plan as Plan
from jishi.modules.search.understanding import Understanding as Understanding
