"""Notices: messages to people and shops, in the inbox, by text message or by mail.

Owns tables ``notice`` and ``notice_seen``. Hears what becomes of orders and reviews. A message is written in
the transaction that causes it; what leaves the market leaves after its commit, at least once.
"""

from jishi.modules.notices.listeners import LISTENERS as LISTENERS
from jishi.modules.notices.service import forget_old as forget_old
from jishi.modules.notices.service import send_to_address as send_to_address
from jishi.modules.notices.service import tell as tell
from jishi.modules.notices.types import Told as Told
