"""Keep offers: the marketing pages of shops and of the market; coupons in people's hands.

Makes and changes offers with their quotas (tables ``offer`` of pricing and ``offer_stock`` of the order
book in one transaction), issues coupons, lets people claim them, and listens to orders: coupons of
orders that came to nothing go back, and what offers and coupons did is counted.
"""

from jishi.flows.keep_offers.flow import Picked as Picked
from jishi.flows.keep_offers.flow import change_offer as change_offer
from jishi.flows.keep_offers.flow import create_offer as create_offer
