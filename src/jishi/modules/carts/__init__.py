"""Carts: what somebody means to buy, kept over days and devices.

Owns table ``cart_line``. Tells and hears no events. A line belongs to an account, or to a visitor
whose browser keeps a signed cart id; at the first look after signing in the visitor's lines join the
account's. A cart never holds stock or a price: it remembers the price seen, so that a change can be told.
"""

from jishi.modules.carts.cookies import badge as badge
from jishi.modules.carts.cookies import keep as keep
from jishi.modules.carts.cookies import owner_of as owner_of
from jishi.modules.carts.cookies import owner_or_new as owner_or_new
from jishi.modules.carts.cookies import visitor_of as visitor_of
from jishi.modules.carts.rules import quantity_of as quantity_of
from jishi.modules.carts.service import add_line as add_line
from jishi.modules.carts.service import count_lines as count_lines
from jishi.modules.carts.service import join as join
from jishi.modules.carts.service import list_lines as list_lines
from jishi.modules.carts.service import remove_lines as remove_lines
from jishi.modules.carts.service import save_lines as save_lines
from jishi.modules.carts.types import LINES_MAX as LINES_MAX
from jishi.modules.carts.types import QUANTITY_MAX as QUANTITY_MAX
from jishi.modules.carts.types import CartFull as CartFull
from jishi.modules.carts.types import CartLine as CartLine
from jishi.modules.carts.types import CartOwner as CartOwner
from jishi.modules.carts.types import LineNotFound as LineNotFound
from jishi.modules.carts.types import QuantityInvalid as QuantityInvalid
