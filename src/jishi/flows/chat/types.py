"""What a conversation's pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jishi.kit.ids import AccountId, ConversationId
from jishi.modules.messages import Conversation, MessageKind, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An order or product inside a conversation. ``state`` is its code."""

    id: int
    is_order: bool
    title: str
    image: str | None
    amount_minor: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One message as a page shows it; ``name`` is who of the shop's staff wrote, for staff."""

    id: int
    sender: Side
    kind: MessageKind
    text: str
    card: Card | None
    card_id: int  # of the picture or card
    name: str
    is_cautioned: bool  # names a way around the market
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A conversation in a list; ``name`` is the other side's."""

    id: ConversationId
    name: str
    text: str
    kind: MessageKind
    by: Side
    at: datetime
    unread: int
    waiting_since: datetime | None
    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation with its newest messages, oldest of them first."""

    conversation: Conversation
    name: str
    bubbles: Sequence[Bubble]
    older: str | None  # cursor
    goes_on: bool = False  # more came after the last of these

    @property
    def last_id(self) -> int:
        return self.bubbles[-1].id if self.bubbles else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    id: AccountId
    name: str
    on_duty: bool
    open: int
