"""Issue coupons, claim them, list one's own. Each call runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from jishi.db import Tx
from jishi.db.outbox import append
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.kit.paging import PAGE_SIZE, Page, decode_cursor, page_of
from jishi.kit.text import clean
from jishi.modules.pricing import storage_coupons as storage
from jishi.modules.pricing.rules_terms import (
    CODE,
    check_coupon,
    check_coupon_change,
    clean_code,
    worst_minor,
)
from jishi.modules.pricing.types_coupons import (
    CodeInvalid,
    CodeTaken,
    Coupon,
    CouponClaimed,
    CouponDraft,
    CouponEnough,
    CouponGone,
    CouponSoon,
    CouponUnknown,
    Held,
    Offered,
    Pile,
    SavedMeanwhile,
    valid_window,
)

SETTLE_BATCH = 500


async def issue_coupon(
    tx: Tx, maker: IdMaker, draft: CouponDraft, *, actor_id: AccountId, now: datetime
) -> int:
    """Issue a coupon; its id.

    Raises Refusals naming fields; CodeTaken.
    """
    draft = _cleaned(draft)
    refusals = check_coupon(draft, now=now)
    if refusals:
        raise Refusals(refusals)
    terms = draft.terms
    home = terms.shop_id if terms.shop_id is not None else actor_id
    coupon_id = maker.make(cell_of(home))
    if draft.code and not await storage.take_code(tx, draft.code, coupon_id):
        raise CodeTaken(field="code")
    await storage.insert_coupon(tx, coupon_id, draft, actor_id=actor_id, now=now)
    return coupon_id


async def end_coupon(tx: Tx, coupon_id: int, *, shop_id: ShopId | None, now: datetime) -> None:
    """No more claims from now on; what was claimed stays good. Raises CouponUnknown."""
    if not await storage.end_coupon(tx, coupon_id, shop_id=shop_id, now=now):
        raise CouponUnknown


async def change_coupon(
    tx: Tx, coupon_id: int, draft: CouponDraft, *, version: int, now: datetime
) -> None:
    """Let a coupon that has not ended become ``draft``; what is claimed already stays as it was.

    Raises CouponUnknown; SavedMeanwhile when it is not ``version`` any more; Refusals naming fields,
    those of ``check_coupon_change``; CodeTaken.
    """
    draft = _cleaned(draft)
    found = await storage.lock_coupon(tx, coupon_id)
    if found is None or found.terms.shop_id != draft.terms.shop_id or found.ended_at is not None:
        raise CouponUnknown
    if found.version != version:
        raise SavedMeanwhile
    refusals = check_coupon_change(found, draft, now=now)
    if refusals:
        raise Refusals(refusals)
    if draft.code != found.code:
        if draft.code and not await storage.take_code(tx, draft.code, coupon_id):
            raise CodeTaken(field="code")
        await storage.drop_code(tx, found.code, coupon_id)
    await storage.change_coupon(tx, coupon_id, draft)


def _cleaned(draft: CouponDraft) -> CouponDraft:
    terms = replace(draft.terms, title=clean(draft.terms.title))
    return replace(draft, terms=terms, code=clean_code(draft.code))


async def find_coupon(tx: Tx, coupon_id: int, *, shop_id: ShopId | None) -> Coupon | None:
    """A coupon of this shop, or of the market (None); None when there is none."""
    found = await storage.find_coupon(tx, coupon_id)
    return found if found is not None and found.terms.shop_id == shop_id else None


async def list_coupons(
    tx: Tx, shop_id: ShopId | None, cursor: str | None, *, size: int = PAGE_SIZE
) -> Page[Coupon]:
    """Coupons of a shop, or of the market (None), newest first, with their figures."""
    parts = decode_cursor(cursor, str)
    before = int(parts[0]) if parts else None
    rows = await storage.list_coupons(tx, shop_id, before=before, size=size + 1)
    return page_of(rows, size, lambda row: (str(row.id),))


async def claim_coupon(
    tx: Tx, maker: IdMaker, coupon_id: int, *, buyer_id: AccountId, now: datetime, code: str = ""
) -> int:
    """Take a coupon into one's hands; the claim's id. Of claims racing for the last one, one wins.

    Raises CouponUnknown (also for one that needs its code), CouponSoon, CouponGone, CouponEnough.
    """
    found = await storage.lock_coupon(tx, coupon_id)
    if found is None or found.ended_at is not None or now >= found.claim_until:
        raise CouponUnknown(field="code")
    if not found.is_public and found.code != clean_code(code):
        raise CouponUnknown(field="code")
    if now < found.claim_from:
        raise CouponSoon(field="code")
    number = 1 + await storage.count_mine(tx, buyer_id, coupon_id)
    if number > found.per_person:
        raise CouponEnough(field="code", most=found.per_person)
    worst = worst_minor(found.terms) or 0
    keeps = worst if found.budget_minor is not None else 0
    over_budget = (
        found.budget_minor is not None and found.reserved_minor + worst > found.budget_minor
    )
    if over_budget or (found.total_limit is not None and found.claimed >= found.total_limit):
        raise CouponGone(field="code")
    window = valid_window(found.valid_from, found.valid_until, found.valid_days, now=now)
    if now >= window[1]:
        raise CouponUnknown(field="code")
    claim_id = maker.make(cell_of(buyer_id))
    await storage.insert_claim(
        tx, claim_id, found.terms, buyer_id, number, window, keeps=keeps, now=now
    )
    shop_id = found.terms.shop_id
    await append(
        tx,
        [
            CouponClaimed(
                claim_id=claim_id,
                coupon_id=coupon_id,
                buyer_id=buyer_id,
                shop_id=shop_id,
                occurred_at=now,
            )
        ],
    )
    return claim_id


async def claim_by_code(
    tx: Tx, maker: IdMaker, code: str, *, buyer_id: AccountId, now: datetime
) -> int:
    """As ``claim_coupon``, by what was typed; upper or lower case is the same. Raises CodeInvalid."""
    kept = clean_code(code)
    if not CODE.fullmatch(kept):
        raise CodeInvalid(field="code")
    coupon_id = await storage.find_code(tx, kept)
    if coupon_id is None:
        raise CouponUnknown(field="code")
    return await claim_coupon(tx, maker, coupon_id, buyer_id=buyer_id, now=now, code=kept)


async def offered_coupons(
    tx: Tx, shop_ids: Sequence[ShopId], *, buyer_id: AccountId | None, now: datetime
) -> list[Offered]:
    """Public coupons of these shops and of the market that can be claimed now, at most 20 of each."""
    return await storage.offered(tx, shop_ids, buyer_id=buyer_id, now=now)


async def my_coupons(
    tx: Tx, buyer_id: AccountId, pile: Pile, cursor: str | None, *, now: datetime
) -> Page[Held]:
    """One's coupons: usable by expiry; used and expired ones the latest first."""
    parts = decode_cursor(cursor, float, str)
    after = (datetime.fromtimestamp(parts[0], now.tzinfo), int(parts[1])) if parts else None
    rows = await storage.mine(tx, buyer_id, pile, after, PAGE_SIZE + 1, now=now)

    def key(held: Held) -> tuple[float, str]:
        at = held.used_at if pile is Pile.USED and held.used_at else held.valid_until
        return at.timestamp(), str(held.id)

    return page_of(rows, PAGE_SIZE, key)


async def settle_claims(tx: Tx, *, now: datetime) -> int:
    """Give budgets back what expired coupons did not cost; how many were settled."""
    return await storage.settle_claims(tx, now=now, limit=SETTLE_BATCH)


async def give_back(tx: Tx, order_ids: Sequence[int], *, now: datetime) -> int:
    """Coupons of orders that came to nothing go back to their owners while they are still good."""
    return await storage.give_back(tx, order_ids, now=now)


async def take_again(tx: Tx, order_ids: Sequence[int], *, now: datetime) -> int:
    """Orders revived by a late payment take their coupons again, where nobody has used them since."""
    return await storage.take_again(tx, order_ids, now=now)
