"""What conversations show, read in an open transaction, and how programs and forms write and read it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from jishi.db import Row as Record
from jishi.db import Tx, load_sql
from jishi.flows.chat.types import Bubble, Card, Row, Seat, Thread
from jishi.kit.ids import AccountId, ConversationId, ShopId
from jishi.kit.paging import Page
from jishi.modules import messages
from jishi.modules.media import picture_src
from jishi.modules.messages import Box, CardUnknown, Conversation, Draft, Message, MessageKind, Side

SIZE: Final = 30
IMAGE: Final = 160
_PEOPLE: Final = load_sql(__package__, "people")
_SEATS: Final = load_sql(__package__, "seats")
_CARDS: Final = load_sql(__package__, "cards")
_SHOWN_HERE: Final = """
SELECT EXISTS (SELECT FROM message WHERE cell = cell_of($1) AND conversation_id = $1
    AND kind = 'picture' AND subject_id = $2)
"""


async def rows_of_buyer(tx: Tx, locale: str, buyer_id: AccountId, cursor: str | None) -> Page[Row]:
    """A buyer's conversations, newest first. Raises CursorInvalid."""
    found = await messages.list_for_buyer(tx, buyer_id, cursor=cursor, size=SIZE)
    names = await names_of(tx, locale, shop_ids=[it.shop_id for it in found.items])
    rows = [_row(it, names[it.shop_id], it.buyer_unread) for it in found.items]
    return Page(rows, found.next_cursor)


async def rows_of_shop(
    tx: Tx, locale: str, shop_id: ShopId, box: Box, me: AccountId, cursor: str | None
) -> Page[Row]:
    """A box of a shop. Raises CursorInvalid."""
    found = await messages.list_for_shop(tx, shop_id, box, me, cursor=cursor, size=SIZE)
    people = [it.buyer_id for it in found.items]
    seats = [it.seat_id for it in found.items if it.seat_id]
    names = await names_of(tx, locale, account_ids=[*people, *seats])
    rows = [
        _row(it, names.get(it.buyer_id, ""), it.shop_unread, names.get(it.seat_id or 0, ""))
        for it in found.items
    ]
    return Page(rows, found.next_cursor)


async def thread(
    tx: Tx, locale: str, conversation: Conversation, side: Side, cursor: str | None
) -> Thread:
    """The newest messages, or those before ``cursor``. Raises CursorInvalid."""
    page = await messages.list_messages(tx, conversation.id, cursor=cursor, size=SIZE)
    name, bubbles = await _shown(tx, locale, conversation, side, page.items[::-1])
    return Thread(conversation=conversation, name=name, bubbles=bubbles, older=page.next_cursor)


async def newer(tx: Tx, locale: str, conversation: Conversation, side: Side, after: int) -> Thread:
    """What came after a message, the oldest of it first."""
    found = await messages.list_newer(tx, conversation.id, after=after, size=SIZE)
    name, bubbles = await _shown(tx, locale, conversation, side, found)
    return Thread(
        conversation=conversation,
        name=name,
        bubbles=bubbles,
        older=None,
        goes_on=len(found) == SIZE,
    )


async def is_shown_in(tx: Tx, conversation_id: ConversationId, paper_id: int) -> bool:
    """Whether a picture was sent in a conversation."""
    return bool(await tx.fetchval(_SHOWN_HERE, conversation_id, paper_id))


async def check_card(tx: Tx, conversation: Conversation, draft: Draft) -> None:
    """Raises CardUnknown for an order or product that is not between these two."""
    if draft.kind not in {MessageKind.ORDER, MessageKind.PRODUCT}:
        return
    assert draft.subject_id is not None
    found = await _cards(tx, "en", conversation, [(draft.kind, draft.subject_id)])
    if (draft.kind, draft.subject_id) not in found:
        raise CardUnknown(field=draft.kind.value)


async def seats_of(tx: Tx, shop_id: ShopId) -> list[Seat]:
    """The staff who may answer, with what they have at hand."""
    return [Seat(**row) for row in await tx.fetch(_SEATS, shop_id)]


async def names_of(
    tx: Tx,
    locale: str,
    *,
    shop_ids: Iterable[int] = (),
    account_ids: Iterable[int] = (),
) -> dict[int, str]:
    """Names by id; one statement."""
    found = await tx.fetch(_PEOPLE, sorted(set(shop_ids)), sorted(set(account_ids)))
    return {
        row["id"]: row["name_en"] if locale == "en" and row["name_en"] else row["name"]
        for row in found
    }


async def _shown(
    tx: Tx, locale: str, conversation: Conversation, side: Side, found: Sequence[Message]
) -> tuple[str, list[Bubble]]:
    """The other side's name and the messages with their cards."""
    wanted = [
        (it.kind, it.subject_id)
        for it in found
        if it.subject_id and it.kind in {MessageKind.ORDER, MessageKind.PRODUCT}
    ]
    cards = await _cards(tx, locale, conversation, wanted) if wanted else {}
    people = {it.sender_id for it in found if it.sender_id and it.sender is not Side.BUYER}
    names = await names_of(
        tx,
        locale,
        shop_ids=[conversation.shop_id],
        account_ids=[conversation.buyer_id, *people],
    )
    other = conversation.shop_id if side is Side.BUYER else conversation.buyer_id
    return names.get(other, ""), [_bubble(it, cards, names) for it in found]


async def _cards(
    tx: Tx,
    locale: str,
    conversation: Conversation,
    wanted: Sequence[tuple[MessageKind, int]],
) -> dict[tuple[MessageKind, int], Card]:
    orders = [number for kind, number in wanted if kind is MessageKind.ORDER]
    products = [number for kind, number in wanted if kind is MessageKind.PRODUCT]
    rows = await tx.fetch(_CARDS, conversation.shop_id, conversation.buyer_id, orders, products)
    return {
        (MessageKind.ORDER if row["is_order"] else MessageKind.PRODUCT, row["id"]): _card(
            row, locale
        )
        for row in rows
    }


def _card(row: Record, locale: str) -> Card:
    english = row["title_en"]
    return Card(
        id=row["id"],
        is_order=row["is_order"],
        title=english if locale == "en" and english else row["title"],
        image=picture_src(row["picture"], IMAGE),
        amount_minor=row["amount_minor"],
        state=row["state"],
    )


def _bubble(
    it: Message, cards: Mapping[tuple[MessageKind, int], Card], names: Mapping[int, str]
) -> Bubble:
    return Bubble(
        id=it.id,
        sender=it.sender,
        kind=it.kind,
        text=it.text,
        card=cards.get((it.kind, it.subject_id or 0)),
        card_id=it.subject_id or 0,
        name=names.get(it.sender_id or 0, ""),
        is_cautioned=it.is_cautioned,
        sent_at=it.sent_at,
    )


def _row(it: Conversation, name: str, unread: int, seat: str = "") -> Row:
    return Row(
        id=it.id,
        name=name,
        text=it.last_text,
        kind=it.last_kind,
        by=it.last_by,
        at=it.last_at,
        unread=unread,
        waiting_since=it.waiting_since,
        seat=seat,
    )


def conversation_json(it: Row) -> dict[str, Any]:
    """A conversation as programs read it."""
    return {
        "id": str(it.id),
        "name": it.name,
        "last_text": it.text,
        "last_kind": it.kind.value,
        "last_by": it.by.value,
        "last_at": it.at,
        "unread": it.unread,
        "waiting_since": it.waiting_since,
    }


def message_json(it: Bubble, base: str) -> dict[str, Any]:
    """A message as programs read it; ids are text, a picture lies below ``base``."""
    card = it.card and {
        "kind": "order" if it.card.is_order else "product",
        "id": str(it.card.id),
        "title": it.card.title,
        "amount_minor": it.card.amount_minor,
        "state": it.card.state,
    }
    return {
        "id": str(it.id),
        "sender": it.sender.value,
        "kind": it.kind.value,
        "text": it.text,
        "card": card,
        "picture": f"{base}/pictures/{it.card_id}/960.webp"
        if it.kind is MessageKind.PICTURE
        else None,
        "cautioned": it.is_cautioned,
        "sent_at": it.sent_at,
    }


def draft_of(
    text: str = "", *, order_id: int | None = None, product_id: int | None = None, key: str = ""
) -> Draft:
    """What a form or a program says: a card when it names one, else text."""
    if order_id is not None:
        return Draft(kind=MessageKind.ORDER, subject_id=order_id, key=key or None)
    if product_id is not None:
        return Draft(kind=MessageKind.PRODUCT, subject_id=product_id, key=key or None)
    return Draft(kind=MessageKind.TEXT, text=text, key=key or None)
