"""What a person keeps an eye on: favourite products, followed shops; and how many follow a shop.

Owns tables ``favourite``, ``shop_follow`` and ``shop_follower_count``. Announces
``follows.favourite_added``, ``follows.favourite_removed``, ``follows.shop_followed`` and
``follows.shop_unfollowed``, and hears its own last two to count a shop's followers in the shop's
cell. Adding or removing twice changes and announces nothing.
"""

from jishi.modules.follows.service import add_favourite as add_favourite
from jishi.modules.follows.service import count_followers as count_followers
from jishi.modules.follows.service import follow_shop as follow_shop
from jishi.modules.follows.service import followers_of as followers_of
from jishi.modules.follows.service import follows_shop as follows_shop
from jishi.modules.follows.service import has_favourite as has_favourite
from jishi.modules.follows.service import remove_favourite as remove_favourite
from jishi.modules.follows.service import unfollow_shop as unfollow_shop
