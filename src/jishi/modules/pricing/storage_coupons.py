"""Issued coupons in PostgreSQL: codes, counts, claims."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, ShopId, cell_for, cell_of
from jishi.modules.pricing.storage import read_terms, write_terms
from jishi.modules.pricing.types import Audience, Benefit, Payer, Scope, Terms
from jishi.modules.pricing.types_coupons import Coupon, CouponDraft, Held, Offered, Pile

_TAKE_CODE: Final = """
INSERT INTO coupon_code (cell, code, coupon_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING coupon_id
"""
_DROP_CODE: Final = "DELETE FROM coupon_code WHERE cell = $1 AND code = $2 AND coupon_id = $3"
_FIND_CODE: Final = "SELECT coupon_id FROM coupon_code WHERE cell = $1 AND code = $2"
_INSERT: Final = load_sql(__package__, "insert_coupon")
_END: Final = """
UPDATE coupon SET ended_at = $3, version = version + 1
WHERE cell = cell_of($1) AND id = $1 AND shop_id IS NOT DISTINCT FROM $2::bigint AND ended_at IS NULL
"""
_CHANGE: Final = load_sql(__package__, "change_coupon")
_LIST: Final = load_sql(__package__, "list_coupons")
_LOCK: Final = """
SELECT 1 FROM coupon_count WHERE cell = cell_of($1) AND coupon_id = $1 FOR NO KEY UPDATE
"""
_FIND: Final = """
SELECT c.*, n.claimed, n.reserved_minor, coalesce(u.orders, 0) AS orders,
    coalesce(u.discount_minor, 0) AS discount_minor, coalesce(u.gmv_minor, 0) AS gmv_minor
FROM coupon c JOIN coupon_count n ON n.cell = c.cell AND n.coupon_id = c.id
LEFT JOIN offer_count u ON u.cell = c.cell AND u.offer_id = c.id
WHERE c.cell = cell_of($1) AND c.id = $1
"""
_MINE: Final = """
SELECT count(*) FROM coupon_claim WHERE cell = $1 AND buyer_id = $2 AND coupon_id = $3
"""
_CLAIM: Final = load_sql(__package__, "insert_claim")
_OFFERED: Final = load_sql(__package__, "offered_coupons")
_PILES: Final = {
    Pile.USABLE: load_sql(__package__, "my_usable"),
    Pile.USED: load_sql(__package__, "my_used"),
    Pile.EXPIRED: load_sql(__package__, "my_expired"),
}
_SETTLE: Final = load_sql(__package__, "settle_claims")
_GIVE_BACK: Final = load_sql(__package__, "give_back")
_TAKE_AGAIN: Final = load_sql(__package__, "take_again")


async def take_code(tx: Tx, code: str, coupon_id: int) -> bool:
    """False when somebody else has the code."""
    return await tx.fetchval(_TAKE_CODE, cell_for(code), code, coupon_id) is not None


async def drop_code(tx: Tx, code: str, coupon_id: int) -> None:
    await tx.execute(_DROP_CODE, cell_for(code), code, coupon_id)


async def find_code(tx: Tx, code: str) -> int | None:
    found: int | None = await tx.fetchval(_FIND_CODE, cell_for(code), code)
    return found


async def insert_coupon(
    tx: Tx, coupon_id: int, draft: CouponDraft, *, actor_id: AccountId, now: datetime
) -> None:
    own = (cell_of(coupon_id), coupon_id, draft.terms.shop_id)
    await tx.execute(_INSERT, *own, *_values(draft), actor_id, now)


def _values(draft: CouponDraft) -> tuple[Any, ...]:
    """The columns of coupon from its payer on, in their order."""
    terms = draft.terms
    return (
        terms.payer,
        terms.creator_id,
        terms.title,
        terms.benefit,
        terms.amount_minor if terms.benefit is Benefit.FIXED else None,
        terms.rate_bp if terms.benefit is Benefit.PERCENT else None,
        terms.cap_minor if terms.benefit is not Benefit.FIXED else None,
        terms.threshold_minor,
        terms.scope,
        sorted(terms.scope_ids),
        terms.audience,
        terms.is_exclusive,
        draft.is_public,
        draft.code,
        draft.claim_from,
        draft.claim_until,
        draft.valid_from,
        draft.valid_until,
        draft.valid_days,
        draft.total_limit,
        draft.per_person,
        draft.budget_minor,
    )


async def end_coupon(tx: Tx, coupon_id: int, *, shop_id: ShopId | None, now: datetime) -> bool:
    return bool(await tx.execute(_END, coupon_id, shop_id, now) == "UPDATE 1")


async def change_coupon(tx: Tx, coupon_id: int, draft: CouponDraft) -> None:
    await tx.execute(_CHANGE, coupon_id, *_values(draft))


async def list_coupons(
    tx: Tx, shop_id: ShopId | None, *, before: int | None, size: int
) -> list[Coupon]:
    return [_coupon(row) for row in await tx.fetch(_LIST, shop_id, before, size)]


async def find_coupon(tx: Tx, coupon_id: int) -> Coupon | None:
    row = await tx.fetchrow(_FIND, coupon_id)
    return _coupon(row) if row else None


async def lock_coupon(tx: Tx, coupon_id: int) -> Coupon | None:
    """As ``find_coupon``, its counts held until ``tx`` ends: who changes or claims it comes one by one."""
    await tx.execute(_LOCK, coupon_id)
    return await find_coupon(tx, coupon_id)


async def count_mine(tx: Tx, buyer_id: AccountId, coupon_id: int) -> int:
    return int(await tx.fetchval(_MINE, cell_of(buyer_id), buyer_id, coupon_id))


async def insert_claim(
    tx: Tx,
    claim_id: int,
    terms: Terms,
    buyer_id: AccountId,
    number: int,
    window: tuple[datetime, datetime],
    *,
    keeps: int,
    now: datetime,
) -> None:
    """``keeps``: what is kept of the budget for it."""
    kept = write_terms(terms)
    own = (cell_of(buyer_id), claim_id, buyer_id, terms.coupon_id, terms.shop_id, number, kept)
    await tx.execute(_CLAIM, *own, now, *window, keeps)


async def offered(
    tx: Tx, shop_ids: Sequence[ShopId], *, buyer_id: AccountId | None, now: datetime
) -> list[Offered]:
    cell = None if buyer_id is None else cell_of(buyer_id)
    rows = await tx.fetch(_OFFERED, list(shop_ids), now, cell, buyer_id)
    return [
        Offered(
            id=row["id"],
            terms=_terms(row),
            claim_until=row["claim_until"],
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            valid_days=row["valid_days"],
            per_person=row["per_person"],
            is_gone=row["is_gone"],
            mine=row["mine"],
        )
        for row in rows
    ]


async def mine(
    tx: Tx,
    buyer_id: AccountId,
    pile: Pile,
    after: tuple[datetime, int] | None,
    size: int,
    *,
    now: datetime,
) -> list[Held]:
    at, claim = after or (None, None)
    rows = await tx.fetch(_PILES[pile], cell_of(buyer_id), buyer_id, now, at, claim, size)
    return [
        Held(
            id=row["id"],
            terms=read_terms(row["terms"]),
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            used_at=row["used_at"],
        )
        for row in rows
    ]


async def settle_claims(tx: Tx, *, now: datetime, limit: int) -> int:
    return int(await tx.fetchval(_SETTLE, now, limit))


async def give_back(tx: Tx, order_ids: Sequence[int], *, now: datetime) -> int:
    return int(await tx.fetchval(_GIVE_BACK, list(order_ids), now))


async def take_again(tx: Tx, order_ids: Sequence[int], *, now: datetime) -> int:
    return int(await tx.fetchval(_TAKE_AGAIN, list(order_ids), now))


def _terms(row: Row) -> Terms:
    shop_id: Any = row["shop_id"]
    return Terms(
        coupon_id=row["id"],
        title=row["title"],
        payer=Payer(row["payer"]),
        benefit=Benefit(row["benefit"]),
        shop_id=None if shop_id is None else ShopId(shop_id),
        creator_id=row["creator_id"],
        amount_minor=row["amount_minor"] or 0,
        rate_bp=row["rate_bp"] or 0,
        cap_minor=row["cap_minor"],
        threshold_minor=row["threshold_minor"],
        scope=Scope(row["scope"]),
        scope_ids=frozenset(row["scope_ids"]),
        audience=Audience(row["audience"]),
        is_exclusive=row["is_exclusive"],
    )


def _coupon(row: Row) -> Coupon:
    names = (
        "id", "claim_from", "claim_until", "valid_from", "valid_until", "valid_days", "is_public",
        "code", "total_limit", "per_person", "budget_minor", "ended_at", "version", "claimed",
        "reserved_minor", "orders", "discount_minor", "gmv_minor",
    )  # fmt: skip
    return Coupon(terms=_terms(row), **{name: row[name] for name in names})
