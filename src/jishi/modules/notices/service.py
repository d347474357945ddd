"""What the rest of Jishi may ask of notices. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from jishi.db import Tx, tasks
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.paging import Page, id_below, page_of
from jishi.modules.notices import storage
from jishi.modules.notices.types import (
    CODES_KEPT,
    KEPT,
    SEND,
    Channel,
    Notice,
    NoticeNotFound,
    Outgoing,
    Told,
)

FORGET_BATCH: Final = 5_000
SHOWN_IN_DEVELOPMENT: Final = 50


async def tell(tx: Tx, told: Sequence[Told]) -> None:
    """Put messages into inboxes, all in one statement."""
    await storage.tell(tx, told)


async def send_to_address(
    tx: Tx,
    *,
    channel: str,
    address: str,
    kind: str,
    facts: dict[str, Any],
    locale: str,
    now: datetime,
) -> None:
    """Send to a phone (``sms``) or an e-mail (``mail``); it leaves after ``tx`` has committed."""
    await storage.send(
        tx,
        channel=Channel(channel),
        address=address,
        kind=kind,
        facts=facts,
        locale=locale,
        now=now,
    )
    await tasks.defer(tx, SEND, {})


async def list_inbox(
    tx: Tx,
    account_id: AccountId,
    *,
    shop_id: ShopId | None = None,
    cursor: str | None = None,
    size: int,
) -> Page[Notice]:
    """A page of a person's messages, or of a shop's as this person has read them. Raises CursorInvalid."""
    below = id_below(cursor)
    if shop_id is None:
        rows = await storage.inbox_of_account(tx, account_id, below=below, limit=size + 1)
    else:
        rows = await storage.inbox_of_shop(
            tx, shop_id, reader_id=account_id, below=below, limit=size + 1
        )
    return page_of(rows, size, lambda it: (it.position,))


async def open_notice(tx: Tx, account_id: AccountId, position: int, *, now: datetime) -> Notice:
    """Raises NoticeNotFound for another person's."""
    found = await storage.open_notice(tx, account_id, position, now=now)
    if found is None:
        raise NoticeNotFound(position=position)
    return found


async def read_all(
    tx: Tx, account_id: AccountId, *, shop_id: ShopId | None = None, now: datetime
) -> None:
    """Mark all messages up to ``now`` as read by this person."""
    if shop_id is None:
        await storage.read_all(tx, account_id, now=now)
    else:
        await storage.see_shop(tx, account_id, shop_id, now=now)


async def newest_outgoing(tx: Tx, *, address: str | None = None) -> list[Outgoing]:
    """For development: the newest 50 that left or would have left."""
    return await storage.newest_outgoing(tx, address=address, limit=SHOWN_IN_DEVELOPMENT)


async def forget_old(tx: Tx, *, now: datetime) -> int:
    """Delete a batch of old messages, outgoing ones after a day; how many."""
    return await storage.forget(
        tx, before=now - KEPT, codes_before=now - CODES_KEPT, limit=FORGET_BATCH
    )
