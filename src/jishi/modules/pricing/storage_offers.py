"""Offers in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import AccountId, ProductId, ShopId, SkuId, cell_of
from jishi.modules.pricing.types import Audience, OfferKind
from jishi.modules.pricing.types_offers import (
    TOGETHER,
    UNBOUNDED,
    Item,
    Offer,
    OfferDraft,
    OfferStands,
)

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
_STANDS: Final = load_sql(__package__, "offer_stands")
_CHANGE: Final = load_sql(__package__, "change_offer")
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


async def meeting(tx: Tx, draft: OfferDraft, *, but: int = 0) -> str | None:
    """The title of an offer of its group, but not this, that has one of its SKUs at one of its times."""
    skus = [item.sku_id for item in draft.items]
    kinds = list(TOGETHER[draft.kind])
    found: str | None = await tx.fetchval(
        _MEETS, cell_of(draft.shop_id), skus, kinds, draft.starts_at, draft.ends_at, but
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
    await tx.execute(_INSERT_ITEMS, cell, offer_id, *_items(draft), *window)


async def offer_stands(tx: Tx, offer_id: int, *, shop_id: ShopId) -> OfferStands | None:
    row = await tx.fetchrow(_STANDS, cell_of(offer_id), offer_id, shop_id)
    return _stands(row, shop_id) if row else None


async def change_offer(tx: Tx, offer_id: int, draft: OfferDraft) -> None:
    await tx.execute(
        _CHANGE, cell_of(offer_id), offer_id, draft.title, draft.audience, draft.is_exclusive,
        draft.announced_at, draft.starts_at, draft.ends_at, draft.pieces, draft.price_minor,
        *_items(draft),
    )  # fmt: skip


async def end_offer(tx: Tx, offer_id: int, *, shop_id: ShopId, now: datetime) -> bool:
    return await tx.fetchval(_END, cell_of(offer_id), offer_id, shop_id, now) is not None


async def list_offers(tx: Tx, shop_id: ShopId, *, before: int | None, size: int) -> list[Offer]:
    rows = await tx.fetch(_LIST, cell_of(shop_id), shop_id, before, size, UNBOUNDED)
    return [_offer(row) for row in rows]


async def join(tx: Tx, account_id: AccountId, shop_id: ShopId, *, now: datetime) -> bool:
    done = await tx.execute(_JOIN, cell_of(account_id), account_id, shop_id, now)
    return bool(done == "INSERT 0 1")


async def leave(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    return bool(await tx.execute(_LEAVE, cell_of(account_id), account_id, shop_id) == "DELETE 1")


async def is_member(tx: Tx, account_id: AccountId, shop_id: ShopId) -> bool:
    return bool(await tx.fetchval(_IS_MEMBER, cell_of(account_id), account_id, shop_id))


def _items(draft: OfferDraft) -> list[list[Any]]:
    return columns([(item.sku_id, item.product_id, item.price_minor) for item in draft.items])


def _stands(row: Row, shop_id: ShopId) -> OfferStands:
    return OfferStands(
        id=row["id"],
        draft=OfferDraft(
            shop_id=shop_id,
            kind=OfferKind(row["kind"]),
            title=row["title"],
            items=[_item(kept) for kept in row["items"]],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            announced_at=row["announced_at"],
            audience=Audience(row["audience"]),
            is_exclusive=row["is_exclusive"],
            pieces=row["pieces"],
            price_minor=row["price_minor"],
        ),
        taken={SkuId(kept["sku_id"]): kept["taken"] for kept in row["items"]},
        ended_at=row["ended_at"],
        version=row["version"],
    )


def _item(kept: Mapping[str, Any]) -> Item:
    quota = kept["quota"]
    return Item(
        sku_id=SkuId(kept["sku_id"]),
        product_id=ProductId(kept["product_id"]),
        list_minor=0,
        price_minor=kept["price_minor"],
        quota=None if quota == UNBOUNDED else quota,
        per_buyer=kept["per_buyer"],
    )


def _offer(row: Row) -> Offer:
    return Offer(**{**row, "kind": OfferKind(row["kind"]), "audience": Audience(row["audience"])})
