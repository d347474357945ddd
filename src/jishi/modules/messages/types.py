"""Conversations between buyers and shops: what they are made of, and the refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ConversationId, ShopId

TEXT_MAX: Final = 1_000
KEY_MAX: Final = 64
REPLIES_MAX: Final = 50
TITLE_MAX: Final = 40


class Side(StrEnum):
    BUYER = "buyer"
    SHOP = "shop"
    SYSTEM = "system"


class MessageKind(StrEnum):
    TEXT = "text"
    PICTURE = "picture"
    ORDER = "order"
    PRODUCT = "product"
    NOTE = "note"  # who answers from here on


class Box(StrEnum):
    """Which conversations a shop's list shows."""

    OPEN = "open"
    MINE = "mine"
    WAITING = "waiting"  # the buyer asked and nobody answered; longest first
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    id: ConversationId
    shop_id: ShopId
    buyer_id: AccountId
    seat_id: AccountId | None
    is_open: bool
    last_id: int
    last_text: str
    last_kind: MessageKind
    last_by: Side
    last_at: datetime
    buyer_read_id: int
    shop_read_id: int
    buyer_unread: int
    shop_unread: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``subject_id``: the order, product or media of a card or picture; ``is_cautioned``: see Draft."""

    id: int
    sender: Side
    sender_id: AccountId | None
    kind: MessageKind
    text: str
    subject_id: int | None
    is_cautioned: bool
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to say. ``key`` makes a second try of the same message find the first;
    ``is_cautioned``: it names a way around the market, and the other side is shown a word of caution.
    """

    kind: MessageKind
    text: str = ""
    subject_id: int | None = None
    key: str | None = None
    is_cautioned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickReply:
    id: int
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent:
    """Announced for what reacts to conversations; ``by`` is a Side."""

    topic: ClassVar[str] = "messages.sent"
    subject_id: int
    conversation_id: int
    shop_id: int
    buyer_id: int
    message_id: int
    by: str
    occurred_at: datetime


class ConversationNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "messages.not_found"
    text = "There is no such conversation."


class MessageEmpty(Refusal):
    kind, code = Kind.INVALID, "messages.empty"
    text = "Write something first."


class MessageTooLong(Refusal):
    kind, code = Kind.INVALID, "messages.too_long"
    text = "A message takes at most {most} characters; this one has {count}."


class CardUnknown(Refusal):
    kind, code = Kind.INVALID, "messages.card_unknown"
    text = "Only an order or product of this shop and this buyer can be shown here."


class KeyReused(Refusal):
    kind, code = Kind.CONFLICT, "messages.key_reused"
    text = "The message before this one had arrived already. Send this one once more."


class WordRefused(Refusal):
    kind, code = Kind.INVALID, "messages.word_refused"
    text = "“{word}” may not be sent here. Say it without that word."


class StillWaiting(Refusal):
    kind, code = Kind.CONFLICT, "messages.still_waiting"
    text = "The buyer is waiting for an answer. Answer first, then end the conversation."


class SeatUnknown(Refusal):
    kind, code = Kind.INVALID, "messages.seat_unknown"
    text = "Hand over to somebody who answers for this shop."


class OwnShop(Refusal):
    kind, code = Kind.CONFLICT, "messages.own_shop"
    text = "This is your own shop. Its conversations are in the shop's console."


class RepliesFull(Refusal):
    kind, code = Kind.CONFLICT, "messages.replies_full"
    text = "A shop keeps at most {most} quick replies. Delete one first."
