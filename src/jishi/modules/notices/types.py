"""The words of this module: messages, whom they are for, how they leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ShopId

WORTH_TELLING: Final = timedelta(days=7)  # imported history is no news
KEPT: Final = timedelta(days=180)
CODES_KEPT: Final = timedelta(hours=24)  # outgoing messages hold one-time codes

SEND: Final = "notices.send"  # the task that carries what is due
SEND_BATCH: Final = 50
SEND_PAUSES: Final = (
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=3),
)  # a code is useless after five minutes


class Channel(StrEnum):
    INBOX = "inbox"
    SMS = "sms"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message for one inbox: a person's, or a shop's (read by all who work there).

    With ``bucket`` the same kind of thing happening to a shop within it is counted in one message:
    facts ``count`` and ``amount_minor`` add up.
    """

    kind: str
    account_id: AccountId | None = None
    shop_id: ShopId | None = None
    subject_id: int
    facts: Mapping[str, Any]
    bucket: datetime | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message in an inbox. ``is_read`` for a shop's: by the person looking."""

    position: int
    kind: str
    facts: Mapping[str, Any]
    at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way out of the market. ``key`` is the same at every try."""

    cell: int
    position: int
    channel: Channel
    address: str
    kind: str
    facts: Mapping[str, Any]
    locale: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str | None

    @property
    def key(self) -> str:
        return f"notice-{self.cell}-{self.position}"


class NoticeNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "notices.not_found"
    text = "This message is no longer here."
