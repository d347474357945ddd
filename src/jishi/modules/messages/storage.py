"""Conversations in PostgreSQL."""

from datetime import UTC, datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, ConversationId, ShopId
from jishi.modules.messages.types import (
    Box,
    Conversation,
    Draft,
    Message,
    MessageKind,
    QuickReply,
    Side,
)

LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SAY: Final = load_sql(__package__, "say")
_READ: Final = load_sql(__package__, "mark_read")
_SHOP_BOX: Final = load_sql(__package__, "shop_box")
_OPEN: Final = """
INSERT INTO conversation (cell, id, shop_id, buyer_id, last_at, created_at)
VALUES (cell_of($1), $1, $2, $3, $4, $4)
ON CONFLICT (cell, shop_id, buyer_id) DO NOTHING
"""
_OF_PAIR: Final = (
    "SELECT * FROM conversation WHERE cell = cell_of($1) AND shop_id = $1 AND buyer_id = $2"
)
_FIND: Final = "SELECT * FROM conversation WHERE cell = cell_of($1) AND id = $1"
_OF_BUYER: Final = """
SELECT * FROM conversation WHERE buyer_id = $1 AND last_id < $2 AND last_id > 0
ORDER BY last_id DESC LIMIT $3
"""
_OLDER: Final = """
SELECT * FROM message WHERE cell = cell_of($1) AND conversation_id = $1 AND id < $2
ORDER BY id DESC LIMIT $3
"""
_NEWER: Final = """
SELECT * FROM message WHERE cell = cell_of($1) AND conversation_id = $1 AND id > $2
ORDER BY id LIMIT $3
"""
_BY_KEY: Final = (
    "SELECT * FROM message WHERE cell = cell_of($1) AND conversation_id = $1 AND key = $2"
)
_SIT: Final = """
INSERT INTO message_seat (cell, shop_id, account_id, on_duty, changed_at)
VALUES (cell_of($1), $1, $2, $3, $4)
ON CONFLICT (cell, shop_id, account_id) DO UPDATE SET on_duty = $3, changed_at = $4
"""
_HAND_OVER: Final = """
UPDATE conversation SET seat_id = $2 WHERE cell = cell_of($1) AND id = $1
"""
_CLOSE: Final = """
UPDATE conversation SET is_open = false WHERE cell = cell_of($1) AND id = $1 AND waiting_since IS NULL
"""
_UNREAD_OF_BUYER: Final = """
SELECT coalesce(sum(buyer_unread), 0)::int FROM (
    SELECT buyer_unread FROM conversation WHERE buyer_id = $1 AND buyer_unread > 0 LIMIT 100) few
"""
_UNREAD_OF_SHOP: Final = """
SELECT count(*)::int FROM (SELECT FROM conversation
    WHERE cell = cell_of($1) AND shop_id = $1 AND shop_unread > 0 LIMIT 100) few
"""
_REPLIES: Final = """
SELECT id, title, text FROM quick_reply WHERE cell = cell_of($1) AND shop_id = $1 ORDER BY id LIMIT $2
"""
_ADD_REPLY: Final = """
INSERT INTO quick_reply (cell, shop_id, id, title, text, created_at)
SELECT cell_of($1), $1, $2, $3, $4, $5
WHERE (SELECT count(*) FROM quick_reply WHERE cell = cell_of($1) AND shop_id = $1) < $6
"""
_DROP_REPLY: Final = "DELETE FROM quick_reply WHERE cell = cell_of($1) AND shop_id = $1 AND id = $2"


async def open_pair(
    tx: Tx, conversation_id: ConversationId, shop_id: ShopId, buyer_id: AccountId, *, now: datetime
) -> Conversation:
    """The conversation of the two; a new one when there is none."""
    row = await tx.fetchrow(_OF_PAIR, shop_id, buyer_id)
    if row is None:
        await tx.execute(_OPEN, conversation_id, shop_id, buyer_id, now)
        row = await tx.fetchrow(_OF_PAIR, shop_id, buyer_id)
    assert row is not None
    return _conversation(row)


async def find(
    tx: Tx, conversation_id: ConversationId, *, for_update: bool = False
) -> Conversation | None:
    row = await tx.fetchrow(f"{_FIND} FOR UPDATE" if for_update else _FIND, conversation_id)
    return _conversation(row) if row else None


async def of_buyer(tx: Tx, buyer_id: AccountId, *, below: int, limit: int) -> list[Conversation]:
    return [_conversation(row) for row in await tx.fetch(_OF_BUYER, buyer_id, below, limit)]


async def of_shop(
    tx: Tx,
    shop_id: ShopId,
    box: Box,
    seat_id: AccountId,
    *,
    mark: int,
    since: datetime = LONG_AGO,
    limit: int,
) -> list[Conversation]:
    rows = await tx.fetch(_SHOP_BOX, shop_id, box.value, seat_id, mark, since, limit)
    return [_conversation(row) for row in rows]


async def say(
    tx: Tx,
    conversation: Conversation,
    message_id: int,
    draft: Draft,
    *,
    side: Side,
    person_id: AccountId | None,
    excerpt: str,
    seat_id: AccountId | None,
    now: datetime,
) -> Conversation | None:
    """None when a message with this key is there already. Wants the conversation locked."""
    row = await tx.fetchrow(
        _SAY,
        conversation.id,
        message_id,
        side.value,
        person_id,
        draft.kind.value,
        draft.text,
        draft.subject_id,
        draft.key,
        excerpt,
        now,
        seat_id,
        draft.is_cautioned,
    )
    return _conversation(row) if row else None


async def mark_read(
    tx: Tx, conversation_id: ConversationId, side: Side, upto: int
) -> Conversation | None:
    row = await tx.fetchrow(_READ, conversation_id, side.value, upto)
    return _conversation(row) if row else None


async def older(
    tx: Tx, conversation_id: ConversationId, *, below: int, limit: int
) -> list[Message]:
    return [_message(row) for row in await tx.fetch(_OLDER, conversation_id, below, limit)]


async def newer(
    tx: Tx, conversation_id: ConversationId, *, after: int, limit: int
) -> list[Message]:
    return [_message(row) for row in await tx.fetch(_NEWER, conversation_id, after, limit)]


async def find_by_key(tx: Tx, conversation_id: ConversationId, key: str) -> Message | None:
    row = await tx.fetchrow(_BY_KEY, conversation_id, key)
    return _message(row) if row else None


async def sit(
    tx: Tx, shop_id: ShopId, account_id: AccountId, *, on_duty: bool, now: datetime
) -> None:
    await tx.execute(_SIT, shop_id, account_id, on_duty, now)


async def hand_over(tx: Tx, conversation_id: ConversationId, seat_id: AccountId) -> None:
    await tx.execute(_HAND_OVER, conversation_id, seat_id)


async def close(tx: Tx, conversation_id: ConversationId) -> bool:
    """False while the buyer waits for an answer."""
    return str(await tx.execute(_CLOSE, conversation_id)) == "UPDATE 1"


async def unread_of_buyer(tx: Tx, buyer_id: AccountId) -> int:
    return int(await tx.fetchval(_UNREAD_OF_BUYER, buyer_id))


async def unread_of_shop(tx: Tx, shop_id: ShopId) -> int:
    return int(await tx.fetchval(_UNREAD_OF_SHOP, shop_id))


async def replies(tx: Tx, shop_id: ShopId, limit: int) -> list[QuickReply]:
    return [QuickReply(**row) for row in await tx.fetch(_REPLIES, shop_id, limit)]


async def add_reply(
    tx: Tx, shop_id: ShopId, reply: QuickReply, *, at_most: int, now: datetime
) -> bool:
    """False when there are ``at_most`` already."""
    done = await tx.execute(_ADD_REPLY, shop_id, reply.id, reply.title, reply.text, now, at_most)
    return str(done) == "INSERT 0 1"


async def drop_reply(tx: Tx, shop_id: ShopId, reply_id: int) -> None:
    await tx.execute(_DROP_REPLY, shop_id, reply_id)


def _conversation(row: Row) -> Conversation:
    names = (
        "id", "shop_id", "buyer_id", "seat_id", "is_open", "last_id", "last_text", "last_at",
        "buyer_read_id", "shop_read_id", "buyer_unread", "shop_unread", "waiting_since",
    )  # fmt: skip
    return Conversation(
        last_kind=MessageKind(row["last_kind"]),
        last_by=Side(row["last_by"]),
        **{name: row[name] for name in names},
    )


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        sender=Side(row["sender"]),
        sender_id=row["sender_id"],
        kind=MessageKind(row["kind"]),
        text=row["text"],
        subject_id=row["subject_id"],
        is_cautioned=row["is_cautioned"],
        sent_at=row["sent_at"],
    )
