"""Offers in PostgreSQL."""

from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import AccountId, ShopId, cell_of
from jishi.modules.pricing.types import Audience, OfferKind
from jishi.modules.pricing.types_offers import TOGETHER, Offer, OfferDraft

_LOCK_SHOP: Final = "SELECT pg_advisory_xact_lock(hashtextextended('offers', $1))"
_MEETS: Final = load_sql(__package__, "offers_meet")
_INSERT: Final = """
INSERT INTO offer (cell, id, shop_id, kind, title, audience, is_exclusive, announced_at, starts_at, ends_at,
    pieces, price_minor, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
_INSERT_ITEMS: Final = """
INSERT INTO offer_item (cell, offer_id, sku_id, product_id, price_minor, announced_at, starts_at, ends_at)
SELECT $1, $2, i.sku, i.product, i.price, $6, $7, $8
FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) i(sku, product, price)
"""
_END: Final = load_sql(__package__, "end_offer")
_LIST: Final = load_sql(__package__, "list_offers")
_JOIN: Final = """
INSERT INTO shop_member (cell, account_id, shop_id, joined_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
_LEAVE: Final = "DELETE FROM shop_member WHERE cell = $1 AND account_id = $2 AND shop_id = $3"
_IS_MEMBER: Final = """
SELECT EXISTS (SELECT FROM shop_member WHERE cell = $1 AND account_id = $2 AND shop_id = $3)
"""


async def lock_offers(tx: Tx, shop_id: ShopId) -> None:
    """One change of a shop's offers at a time, until ``tx`` ends."""
    await tx.execute(_LOCK_SHOP, shop_id)


async def meeting(tx: Tx, draft: OfferDraft) -> str | None:
    """The title of an offer of its group that has one of its SKUs at one of its times."""
    skus = [item.sku_id for item in draft.items]
    kinds = list(TOGETHER[draft.kind])
    found: str | None = await tx.fetchval(
        _MEETS, cell_of(draft.shop_id), skus, kinds, draft.starts_at, draft.ends_at
    )
    return found


async def insert_offer(
    tx: Tx, offer_id: int, draft: OfferDraft, *, actor_id: AccountId, now: datetime
) -> None:
    window = (draft.announced_at, draft.starts_at, draft.ends_at)
    cell = cell_of(offer_id)
    await tx.execute(
        _INSERT, cell, offer_id, draft.shop_id, draft.kind, draft.title, draft.audience,
        draft.is_exclusive, *window, draft.pieces, draft.price_minor, actor_id, now,
    )  # fmt: skip
    rows = [(item.sku_id, item.product_id, item.price_minor) for item in draft.items]
    await tx.execute(_INSERT_ITEMS, cell, offer_id, *columns(rows), *window)


async def end_offer(tx: Tx, offer_id: int, *, shop_id: ShopId, now: datetime) -> bool:
    return await tx.fetchval(_END, cell_of(offer_id), offer_id, shop_id, now) is not None


async def list_offers(
    tx: Tx, shop_id: ShopId, *, before: int | None, size: int, offer_id: int | None = None
) -> list[Offer]:
    rows = await tx.fetch(_LIST, cell_of(shop_id), shop_id, before, size, offer_id)
    return [_offer(row) for row in rows]


async def join(tx: Tx, account_id: AccountId, shop_id: ShopId, *, now: datetime) -> bool:
    done = await tx.execute(_JOIN, cell_of(account_id), account_id, shop_id, now)
    return bool(done == "INSERT 0 1")


async def leave(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    return bool(await tx.execute(_LEAVE, cell_of(account_id), account_id, shop_id) == "DELETE 1")


async def is_member(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    return bool(await tx.fetchval(_IS_MEMBER, cell_of(account_id), account_id, shop_id))


def _offer(row: Row) -> Offer:
    return Offer(**{**row, "kind": OfferKind(row["kind"]), "audience": Audience(row["audience"])})
