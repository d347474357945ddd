"""Make, change, end and list offers; membership. Each call runs inside the caller's transaction."""

from dataclasses import replace
from datetime import datetime

from jishi.db import Tx
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.kit.paging import PAGE_SIZE, Page, decode_cursor, page_of
from jishi.kit.text import clean
from jishi.modules.pricing import storage_offers as storage
from jishi.modules.pricing.rules_drafts import check_change, check_offer
from jishi.modules.pricing.types_coupons import SavedMeanwhile
from jishi.modules.pricing.types_offers import (
    Offer,
    OfferDraft,
    OffersOverlap,
    OfferStands,
    OfferUnknown,
)


async def make_offer(
    tx: Tx, maker: IdMaker, draft: OfferDraft, *, actor_id: AccountId, now: datetime
) -> int:
    """Make an offer; its id. The caller writes its quotas. One of a shop's at a time.

    Raises Refusals naming fields; OffersOverlap where two of a group would meet on a SKU.
    """
    draft = replace(draft, title=clean(draft.title))
    refusals = check_offer(draft, now=now)
    if refusals:
        raise Refusals(refusals)
    await storage.lock_offers(tx, draft.shop_id)
    other = await storage.meeting(tx, draft)
    if other is not None:
        raise OffersOverlap(field="items", title=other)
    offer_id = maker.make(cell_of(draft.shop_id))
    await storage.insert_offer(tx, offer_id, draft, actor_id=actor_id, now=now)
    return offer_id


async def end_offer(tx: Tx, offer_id: int, *, shop_id: ShopId, now: datetime) -> None:
    """End an offer at once, also before it began. Raises OfferUnknown."""
    if not await storage.end_offer(tx, offer_id, shop_id=shop_id, now=now):
        raise OfferUnknown


async def change_offer(
    tx: Tx, offer_id: int, draft: OfferDraft, *, version: int, now: datetime
) -> None:
    """Let an offer that is not over become ``draft``. The caller holds its quotas and writes them.

    Raises OfferUnknown; SavedMeanwhile when it is not ``version`` any more; Refusals naming fields,
    those of ``check_change``; OffersOverlap.
    """
    draft = replace(draft, title=clean(draft.title))
    await storage.lock_offers(tx, draft.shop_id)
    before = await get_offer(tx, offer_id, shop_id=draft.shop_id, now=now)
    if before.version != version:
        raise SavedMeanwhile
    refusals = check_change(before, draft, now=now)
    if refusals:
        raise Refusals(refusals)
    other = await storage.meeting(tx, draft, but=offer_id)
    if other is not None:
        raise OffersOverlap(field="items", title=other)
    await storage.change_offer(tx, offer_id, draft)


async def get_offer(tx: Tx, offer_id: int, *, shop_id: ShopId, now: datetime) -> OfferStands:
    """An offer that can still be changed. Raises OfferUnknown, also for one that is over."""
    found = await storage.offer_stands(tx, offer_id, shop_id=shop_id)
    if found is None or found.is_over(now):
        raise OfferUnknown
    return found


async def list_offers(
    tx: Tx, shop_id: ShopId, cursor: str | None, *, size: int = PAGE_SIZE
) -> Page[Offer]:
    """A shop's offers, newest first, with their figures. Raises CursorInvalid."""
    parts = decode_cursor(cursor, str)
    before = int(parts[0]) if parts else None
    rows = await storage.list_offers(tx, shop_id, before=before, size=size + 1)
    return page_of(rows, size, lambda row: (str(row.id),))


async def join_shop(tx: Tx, account_id: AccountId, shop_id: ShopId, *, now: datetime) -> bool:
    """Become a member of a shop; False when one was. The caller knows the shop."""
    return await storage.join(tx, account_id, shop_id, now=now)


async def leave_shop(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    """Stop being a member; False when one was none."""
    return await storage.leave(tx, account_id, shop_id)


async def is_member(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    return await storage.is_member(tx, account_id, shop_id)
