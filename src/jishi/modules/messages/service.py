"""What the rest of Jishi may ask of messages. Each call runs inside the caller's transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from jishi.db import Tx, outbox
from jishi.db.live import tell
from jishi.kit.ids import ID_MAX, AccountId, ConversationId, IdMaker, ShopId, cell_of
from jishi.kit.paging import CursorInvalid, Page, decode_cursor, id_below, page_of
from jishi.kit.text import clean, clean_lines
from jishi.modules.messages import rules, storage
from jishi.modules.messages.types import (
    REPLIES_MAX,
    TEXT_MAX,
    TITLE_MAX,
    Box,
    Conversation,
    ConversationNotFound,
    Draft,
    KeyReused,
    Message,
    MessageEmpty,
    MessageKind,
    MessageSent,
    MessageTooLong,
    OwnShop,
    QuickReply,
    RepliesFull,
    SeatUnknown,
    Side,
    StillWaiting,
)

NOBODY: Final[Mapping[AccountId, int]] = {}


async def open_conversation(
    tx: Tx, shop_id: ShopId, buyer_id: AccountId, *, maker: IdMaker, is_staff: bool, now: datetime
) -> Conversation:
    """The conversation of a buyer and a shop, made when there is none. Raises OwnShop."""
    if is_staff:
        raise OwnShop
    fresh = ConversationId(maker.make(cell_of(shop_id)))
    return await storage.open_pair(tx, fresh, shop_id, buyer_id, now=now)


async def get_for_buyer(
    tx: Tx, conversation_id: ConversationId, buyer_id: AccountId
) -> Conversation:
    """Raises ConversationNotFound, also for somebody else's."""
    found = await storage.find(tx, conversation_id)
    if found is None or found.buyer_id != buyer_id:
        raise ConversationNotFound
    return found


async def get_for_shop(tx: Tx, conversation_id: ConversationId, shop_id: ShopId) -> Conversation:
    """Raises ConversationNotFound, also for another shop's."""
    found = await storage.find(tx, conversation_id)
    if found is None or found.shop_id != shop_id:
        raise ConversationNotFound
    return found


async def list_for_buyer(
    tx: Tx, buyer_id: AccountId, *, cursor: str | None, size: int
) -> Page[Conversation]:
    """Newest first; only those in which something was said. Raises CursorInvalid."""
    below = id_below(cursor)
    rows = await storage.of_buyer(tx, buyer_id, below=below, limit=size + 1)
    return page_of(rows, size, lambda it: (it.last_id,))


async def list_for_shop(
    tx: Tx, shop_id: ShopId, box: Box, seat_id: AccountId, *, cursor: str | None, size: int
) -> Page[Conversation]:
    """A box of the shop; ``seat_id`` is who asks. Raises CursorInvalid."""
    if box is Box.WAITING:
        since, mark = decode_cursor(cursor, datetime, int) or (storage.LONG_AGO, 0)
        if not 0 <= mark <= ID_MAX or since.tzinfo is None:
            raise CursorInvalid(field="cursor")
        rows = await storage.of_shop(
            tx, shop_id, box, seat_id, mark=mark, since=since, limit=size + 1
        )
        return page_of(rows, size, lambda it: (it.waiting_since, it.id))
    below = id_below(cursor)
    rows = await storage.of_shop(tx, shop_id, box, seat_id, mark=below, limit=size + 1)
    return page_of(rows, size, lambda it: (it.last_id,))


async def list_messages(
    tx: Tx, conversation_id: ConversationId, *, cursor: str | None, size: int
) -> Page[Message]:
    """Newest first. Raises CursorInvalid."""
    below = id_below(cursor)
    rows = await storage.older(tx, conversation_id, below=below, limit=size + 1)
    return page_of(rows, size, lambda it: (it.id,))


async def list_newer(
    tx: Tx, conversation_id: ConversationId, *, after: int, size: int
) -> list[Message]:
    """What came after a message, oldest first."""
    return await storage.newer(tx, conversation_id, after=after, limit=size)


async def say(
    tx: Tx,
    conversation_id: ConversationId,
    draft: Draft,
    *,
    side: Side,
    person_id: AccountId | None,
    on_duty: Mapping[AccountId, int] = NOBODY,
    maker: IdMaker,
    now: datetime,
) -> int:
    """Write a message; its id. The same message under the same key gives the first one's id.

    Whoever answers first for the shop takes the conversation; one that nobody has goes to the member of
    staff with the fewest of ``on_duty`` (open conversations by account). Raises ConversationNotFound,
    MessageEmpty, MessageTooLong, KeyReused. Holds the conversation until ``tx`` ends.
    """
    ready = rules.checked(draft)
    conversation = await storage.find(tx, conversation_id, for_update=True)
    if conversation is None:
        raise ConversationNotFound
    seat_id = None
    if conversation.seat_id is None:
        seat_id = person_id if side is Side.SHOP else rules.seat_for(on_duty)
    # Ids of one conversation grow, whichever process makes them: reading goes by them.
    message_id = max(maker.make(cell_of(conversation_id)), conversation.last_id + 1)
    after = await storage.say(
        tx,
        conversation,
        message_id,
        ready,
        side=side,
        person_id=person_id,
        excerpt=rules.excerpt(ready),
        seat_id=seat_id,
        now=now,
    )
    if after is None:
        assert ready.key is not None
        first = await storage.find_by_key(tx, conversation_id, ready.key)
        assert first is not None
        if not rules.is_repeat(first, ready, side):
            raise KeyReused(field="text")
        return first.id
    await _announce(tx, after, message_id, side, now=now)
    return message_id


async def mark_read(
    tx: Tx, conversation: Conversation, side: Side, *, upto: int | None = None
) -> Conversation:
    """``side`` has read up to a message; up to the newest without one. The other side is told."""
    if upto is None:
        upto = conversation.last_id
    before = conversation.buyer_read_id if side is Side.BUYER else conversation.shop_read_id
    if rules.may_read(conversation, side, upto) == before:
        return conversation
    after = await storage.mark_read(tx, conversation.id, side, upto)
    assert after is not None
    await _tell(tx, after, {"type": "read", "by": side.value})
    return after


async def hand_over(
    tx: Tx,
    conversation: Conversation,
    seat_id: AccountId,
    *,
    staff: Collection[AccountId],
    maker: IdMaker,
    now: datetime,
) -> None:
    """Give a conversation to another member of ``staff``; both sides read a note of it.

    To the one who has it already changes nothing. Raises SeatUnknown for somebody who does not
    answer for the shop.
    """
    if seat_id not in staff:
        raise SeatUnknown(field="seat_id")
    if conversation.seat_id == seat_id:
        return
    await storage.hand_over(tx, conversation.id, seat_id)
    note = Draft(kind=MessageKind.NOTE)
    await say(tx, conversation.id, note, side=Side.SYSTEM, person_id=seat_id, maker=maker, now=now)


async def close(tx: Tx, conversation: Conversation) -> None:
    """Out of the open ones; the next message opens it again. Raises StillWaiting."""
    if not await storage.close(tx, conversation.id):
        raise StillWaiting
    await _tell(tx, conversation, {"type": "closed"})


async def sit(
    tx: Tx, shop_id: ShopId, account_id: AccountId, *, on_duty: bool, now: datetime
) -> None:
    await storage.sit(tx, shop_id, account_id, on_duty=on_duty, now=now)


async def unread_of_buyer(tx: Tx, buyer_id: AccountId) -> int:
    """Messages a buyer has not read, over at most 100 conversations."""
    return await storage.unread_of_buyer(tx, buyer_id)


async def unread_of_shop(tx: Tx, shop_id: ShopId) -> int:
    """Conversations with something unread, counted to 100."""
    return await storage.unread_of_shop(tx, shop_id)


async def list_replies(tx: Tx, shop_id: ShopId) -> list[QuickReply]:
    """A shop's quick replies, at most 50, oldest first."""
    return await storage.replies(tx, shop_id, REPLIES_MAX)


async def add_reply(
    tx: Tx, shop_id: ShopId, title: str, text: str, *, maker: IdMaker, now: datetime
) -> QuickReply:
    """Raises MessageEmpty, MessageTooLong by field, RepliesFull."""
    title, text = clean(title), clean_lines(text)
    for field, value, most in (("title", title, TITLE_MAX), ("text", text, TEXT_MAX)):
        if not value:
            raise MessageEmpty(field=field)
        if len(value) > most:
            raise MessageTooLong(field=field, most=most, count=len(value))
    reply = QuickReply(id=maker.make(cell_of(shop_id)), title=title, text=text)
    if not await storage.add_reply(tx, shop_id, reply, at_most=REPLIES_MAX, now=now):
        raise RepliesFull(most=REPLIES_MAX)
    return reply


async def drop_reply(tx: Tx, shop_id: ShopId, reply_id: int) -> None:
    """Deletes it; nothing when it is gone already."""
    await storage.drop_reply(tx, shop_id, reply_id)


async def _announce(
    tx: Tx, conversation: Conversation, message_id: int, side: Side, *, now: datetime
) -> None:
    sent = MessageSent(
        subject_id=conversation.id,
        conversation_id=conversation.id,
        shop_id=conversation.shop_id,
        buyer_id=conversation.buyer_id,
        message_id=message_id,
        by=side.value,
        occurred_at=now,
    )
    await outbox.append(tx, [sent])
    await _tell(tx, conversation, {"type": "message", "by": side.value, "id": str(message_id)})


async def _tell(tx: Tx, conversation: Conversation, what: Mapping[str, object]) -> None:
    """Signal only: what was said is read through the doors that check who asks."""
    to = [f"account:{conversation.buyer_id}", f"shop:{conversation.shop_id}"]
    await tell(tx, to, {**what, "conversation": str(conversation.id)})
