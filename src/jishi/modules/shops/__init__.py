"""Shops: what a shop says of itself, who works in it in which role, and invitations to join.

Owns tables ``shop``, ``shop_staff`` and ``shop_invitation``. Tells ``shops.opened`` and
``shops.changed``; hears nothing. Notifies ``identity_changed`` with the account id whenever someone's
role changes. A shop has exactly one owner, and that is ``shop.owner_id``.
"""

from jishi.modules.shops.edge import Errors as Errors
from jishi.modules.shops.edge import ShopHere as ShopHere
from jishi.modules.shops.edge import shop_here as shop_here
from jishi.modules.shops.service import get_shop as get_shop
from jishi.modules.shops.service import least_used_cell as least_used_cell
from jishi.modules.shops.service import list_members as list_members
from jishi.modules.shops.service import open_shop as open_shop
from jishi.modules.shops.service import shops_of as shops_of
from jishi.modules.shops.types import MAY_GIVE as MAY_GIVE
from jishi.modules.shops.types import NewShop as NewShop
from jishi.modules.shops.types import Role as Role
from jishi.modules.shops.types import Shop as Shop
from jishi.modules.shops.types import ShopNotFound as ShopNotFound
from jishi.modules.shops.types import ShopState as ShopState
