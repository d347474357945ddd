"""Messages between buyers and shops: conversations, seats, quick replies.

Owns tables ``conversation``, ``message``, ``message_answer``, ``message_seat`` and ``quick_reply``.
Announces ``messages.sent``; listens to nothing. Invariants: one conversation per buyer and shop; a key
writes one message; what a shop ends was answered; unread counts are the other side's messages above
what was read.
"""

from jishi.modules.messages.service import add_reply as add_reply
from jishi.modules.messages.service import close as close
from jishi.modules.messages.service import drop_reply as drop_reply
from jishi.modules.messages.service import get_for_buyer as get_for_buyer
from jishi.modules.messages.service import get_for_shop as get_for_shop
from jishi.modules.messages.service import hand_over as hand_over
from jishi.modules.messages.service import list_for_buyer as list_for_buyer
from jishi.modules.messages.service import list_for_shop as list_for_shop
from jishi.modules.messages.service import list_messages as list_messages
from jishi.modules.messages.service import list_newer as list_newer
from jishi.modules.messages.service import list_replies as list_replies
from jishi.modules.messages.service import mark_read as mark_read
from jishi.modules.messages.service import open_conversation as open_conversation
from jishi.modules.messages.service import say as say
from jishi.modules.messages.service import sit as sit
from jishi.modules.messages.service import unread_of_buyer as unread_of_buyer
from jishi.modules.messages.service import unread_of_shop as unread_of_shop
from jishi.modules.messages.types import Box as Box
from jishi.modules.messages.types import CardUnknown as CardUnknown
from jishi.modules.messages.types import Conversation as Conversation
from jishi.modules.messages.types import Draft as Draft
from jishi.modules.messages.types import Message as Message
from jishi.modules.messages.types import MessageKind as MessageKind
from jishi.modules.messages.types import Side as Side
from jishi.modules.messages.types import WordRefused as WordRefused
