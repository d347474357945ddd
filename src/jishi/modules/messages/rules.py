"""What may be said, who answers, and who has read how far. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jishi.kit.ids import AccountId
from jishi.kit.text import clean_lines
from jishi.modules.messages.types import (
    KEY_MAX,
    TEXT_MAX,
    Conversation,
    Draft,
    Message,
    MessageEmpty,
    MessageKind,
    MessageTooLong,
    Side,
)

EXCERPT_MAX: Final = 80


def checked(draft: Draft) -> Draft:
    """The draft with its text cleaned. Raises MessageEmpty, MessageTooLong."""
    text = clean_lines(draft.text)
    if draft.kind is MessageKind.TEXT and not text:
        raise MessageEmpty(field="text")
    if len(text) > TEXT_MAX:
        raise MessageTooLong(field="text", most=TEXT_MAX, count=len(text))
    key = (draft.key or "").strip()[:KEY_MAX] or None
    return replace(draft, text=text if draft.kind is MessageKind.TEXT else "", key=key)


def is_repeat(first: Message, again: Draft, side: Side) -> bool:
    """Whether a draft is the message its key was used for. A picture sent again is kept anew, so that
    its number says nothing.
    """
    is_same = first.kind is MessageKind.PICTURE or first.subject_id == again.subject_id
    return is_same and (first.sender, first.kind, first.text) == (side, again.kind, again.text)


def excerpt(draft: Draft) -> str:
    """What a list shows of the newest message; empty for cards and pictures."""
    line = " ".join(draft.text.split())
    return line if len(line) <= EXCERPT_MAX else line[: EXCERPT_MAX - 1] + "…"


def seat_for(open_by_seat: Mapping[AccountId, int]) -> AccountId | None:
    """Who of those on duty has the fewest open conversations; ties go to the smallest id."""
    return min(open_by_seat, key=lambda seat: (open_by_seat[seat], seat), default=None)


def may_read(conversation: Conversation, side: Side, upto: int) -> int:
    """How far ``side`` has read after saying ``upto``: never back, never beyond the newest."""
    before = conversation.buyer_read_id if side is Side.BUYER else conversation.shop_read_id
    return max(before, min(upto, conversation.last_id))
