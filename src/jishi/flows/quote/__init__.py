"""Quote: what a purchase comes to, the same on every page, in the API and in the order placed.

Reads goods, offers, coupons, freight, warehouses and what the buyer is to the shops, a fixed small
number of statements for any number of purchases, and leaves the arithmetic to pricing and fulfilment.
Owns no table, writes nothing; with ``lock`` it holds the coupons of the purchases.
"""

from jishi.flows.quote.market import load as load
from jishi.flows.quote.market import quote as quote
from jishi.flows.quote.prices import cards_now as cards_now
from jishi.flows.quote.prices import price_now as price_now
from jishi.flows.quote.product import product_offers as product_offers
from jishi.flows.quote.rules import available as available
from jishi.flows.quote.rules import plain_quote as plain_quote
from jishi.flows.quote.rules import quote_of as quote_of
from jishi.flows.quote.types import BEST as BEST
from jishi.flows.quote.types import Asked as Asked
from jishi.flows.quote.types import MarketFacts as MarketFacts
from jishi.flows.quote.types import Piece as Piece
from jishi.flows.quote.types import Quoted as Quoted
from jishi.flows.quote.types import SkuFacts as SkuFacts
