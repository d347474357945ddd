"""Shops: what a shop says of itself, its application and papers, who works in it, what keeps it from selling.

Owns tables ``shop``, ``shop_staff``, ``shop_invitation``, ``shop_application``, ``shop_application_step``,
``shop_registration``, ``shop_hold`` and ``listing_hold``. Tells ``shops.opened``, ``shops.changed`` and
``shops.approved``; hears nothing. Notifies ``identity_changed`` with the account id whenever someone's
role changes. A shop has exactly one owner, and that is ``shop.owner_id``.
"""

from jishi.modules.shops.edge import Errors as Errors
from jishi.modules.shops.edge import ShopHere as ShopHere
from jishi.modules.shops.edge import shop_here as shop_here
from jishi.modules.shops.holds import close_shop as close_shop
from jishi.modules.shops.holds import held_listings as held_listings
from jishi.modules.shops.holds import hold_listings as hold_listings
from jishi.modules.shops.holds import hold_shop as hold_shop
from jishi.modules.shops.holds import holds_of_shop as holds_of_shop
from jishi.modules.shops.holds import release_listings as release_listings
from jishi.modules.shops.holds import release_shop as release_shop
from jishi.modules.shops.holds import reopen_closed as reopen_closed
from jishi.modules.shops.service import get_shop as get_shop
from jishi.modules.shops.service import least_used_cell as least_used_cell
from jishi.modules.shops.service import list_members as list_members
from jishi.modules.shops.service import open_shop as open_shop
from jishi.modules.shops.service import shops_of as shops_of
from jishi.modules.shops.service_applications import application_of as application_of
from jishi.modules.shops.service_applications import claim_application as claim_application
from jishi.modules.shops.service_applications import decide_application as decide_application
from jishi.modules.shops.service_applications import get_application as get_application
from jishi.modules.shops.service_applications import save_application as save_application
from jishi.modules.shops.service_applications import start_application as start_application
from jishi.modules.shops.service_applications import submit_application as submit_application
from jishi.modules.shops.service_applications import withdraw_application as withdraw_application
from jishi.modules.shops.types import MAY_GIVE as MAY_GIVE
from jishi.modules.shops.types import NewShop as NewShop
from jishi.modules.shops.types import Role as Role
from jishi.modules.shops.types import Shop as Shop
from jishi.modules.shops.types import ShopKind as ShopKind
from jishi.modules.shops.types import ShopNotFound as ShopNotFound
from jishi.modules.shops.types import ShopState as ShopState
from jishi.modules.shops.types_applications import Application as Application
from jishi.modules.shops.types_applications import ApplicationId as ApplicationId
from jishi.modules.shops.types_applications import ApplicationState as ApplicationState
from jishi.modules.shops.types_applications import Papers as Papers
