"""Pricing: what a thing costs for whom and why; offers of shops, coupons, shop membership.

Owns tables ``offer``, ``offer_item``, ``coupon``, ``coupon_count``, ``coupon_code``, ``coupon_claim``,
``coupon_use``, ``offer_count`` and ``shop_member``. The quota of timed offers is the order book's.
Tells ``pricing.coupon_claimed``. Every discount is known by rule, payer and amount per line, and
their sums are what is written into the order.
"""

from jishi.modules.pricing.rules import Prepared as Prepared
from jishi.modules.pricing.rules import best as best
from jishi.modules.pricing.rules import prepare as prepare
from jishi.modules.pricing.rules import price as price
from jishi.modules.pricing.rules_coupons import unfit as unfit
from jishi.modules.pricing.rules_offers import unit_prices as unit_prices
from jishi.modules.pricing.service_coupons import change_coupon as change_coupon
from jishi.modules.pricing.service_coupons import claim_by_code as claim_by_code
from jishi.modules.pricing.service_coupons import claim_coupon as claim_coupon
from jishi.modules.pricing.service_coupons import end_coupon as end_coupon
from jishi.modules.pricing.service_coupons import find_coupon as find_coupon
from jishi.modules.pricing.service_coupons import give_back as give_back
from jishi.modules.pricing.service_coupons import issue_coupon as issue_coupon
from jishi.modules.pricing.service_coupons import list_coupons as list_coupons
from jishi.modules.pricing.service_coupons import my_coupons as my_coupons
from jishi.modules.pricing.service_coupons import offered_coupons as offered_coupons
from jishi.modules.pricing.service_coupons import settle_claims as settle_claims
from jishi.modules.pricing.service_coupons import take_again as take_again
from jishi.modules.pricing.service_offers import change_offer as change_offer
from jishi.modules.pricing.service_offers import end_offer as end_offer
from jishi.modules.pricing.service_offers import get_offer as get_offer
from jishi.modules.pricing.service_offers import is_member as is_member
from jishi.modules.pricing.service_offers import join_shop as join_shop
from jishi.modules.pricing.service_offers import leave_shop as leave_shop
from jishi.modules.pricing.service_offers import list_offers as list_offers
from jishi.modules.pricing.service_offers import make_offer as make_offer
from jishi.modules.pricing.storage import claims_by_id as claims_by_id
from jishi.modules.pricing.storage import usable_claims as usable_claims
from jishi.modules.pricing.storage import use_claims as use_claims
from jishi.modules.pricing.types import AUDIENCES as AUDIENCES
from jishi.modules.pricing.types import AppliedOffer as AppliedOffer
from jishi.modules.pricing.types import Audience as Audience
from jishi.modules.pricing.types import Benefit as Benefit
from jishi.modules.pricing.types import Claim as Claim
from jishi.modules.pricing.types import Line as Line
from jishi.modules.pricing.types import OfferKind as OfferKind
from jishi.modules.pricing.types import Payer as Payer
from jishi.modules.pricing.types import Priced as Priced
from jishi.modules.pricing.types import PricedLine as PricedLine
from jishi.modules.pricing.types import PricedOrder as PricedOrder
from jishi.modules.pricing.types import PriceOffer as PriceOffer
from jishi.modules.pricing.types import Scope as Scope
from jishi.modules.pricing.types import SetOffer as SetOffer
from jishi.modules.pricing.types import Standing as Standing
from jishi.modules.pricing.types import Terms as Terms
from jishi.modules.pricing.types import Unfit as Unfit
from jishi.modules.pricing.types import Verdict as Verdict
from jishi.modules.pricing.types_coupons import SCOPE_MAX as SCOPE_MAX
from jishi.modules.pricing.types_coupons import TITLE_MAX as TITLE_MAX
from jishi.modules.pricing.types_coupons import Coupon as Coupon
from jishi.modules.pricing.types_coupons import CouponDraft as CouponDraft
from jishi.modules.pricing.types_coupons import Held as Held
from jishi.modules.pricing.types_coupons import Offered as Offered
from jishi.modules.pricing.types_coupons import Pile as Pile
from jishi.modules.pricing.types_coupons import ScopeForeign as ScopeForeign
from jishi.modules.pricing.types_offers import FOREVER as FOREVER
from jishi.modules.pricing.types_offers import ITEMS_MAX as ITEMS_MAX
from jishi.modules.pricing.types_offers import QUOTA_MAX as QUOTA_MAX
from jishi.modules.pricing.types_offers import UNBOUNDED as UNBOUNDED
from jishi.modules.pricing.types_offers import Item as Item
from jishi.modules.pricing.types_offers import Offer as Offer
from jishi.modules.pricing.types_offers import OfferDraft as OfferDraft
from jishi.modules.pricing.types_offers import OfferStands as OfferStands
from jishi.modules.pricing.words import KINDS as KINDS
from jishi.modules.pricing.words import PAYERS as PAYERS
from jishi.modules.pricing.words import UNFIT_WORDS as UNFIT_WORDS
from jishi.modules.pricing.words import coupon_text as coupon_text
