"""Offers and coupons of a small market, and what a purchase there is quoted at."""

from datetime import datetime, timedelta
from typing import Any

from jishi.db import Pool, Tx
from jishi.flows import quote as quoting
from jishi.flows.keep_offers import Picked, create_offer
from jishi.flows.place_orders import CheckoutAsked
from jishi.flows.quote import Quoted
from jishi.kit.ids import AccountId, IdMaker, ShopId
from jishi.kit.regions import Destination
from jishi.modules import pricing
from jishi.modules.pricing import Benefit, CouponDraft, OfferDraft, OfferKind, Payer, Terms
from tests.support.makers import NOON, Buyer, Goods

DAY = timedelta(days=1)
ABROAD = Destination(is_abroad=True)  # where the buyers of tests live


async def an_offer(
    tx: Tx, ids: IdMaker, goods: list[Goods], *, kind: OfferKind = OfferKind.TIMED, **changes: Any
) -> int:
    """An offer that runs around NOON; ``price_minor``, ``quota``, ``per_buyer`` of each SKU."""
    per_sku = {name: changes.pop(name, None) for name in ("quota", "per_buyer")}
    price = changes.pop("price_minor", 1_000)
    is_set = kind is OfferKind.N_FOR
    facts: dict[str, Any] = {
        "shop_id": goods[0].shop_id,
        "kind": kind,
        "title": f"{kind} offer",
        "items": (),
        "starts_at": NOON - DAY,
        "ends_at": NOON + DAY,
        "announced_at": NOON - DAY,
        "price_minor": price if is_set else None,
    }
    picked = [
        Picked(sku_id=it.sku_id, price_minor=None if is_set else price, **per_sku) for it in goods
    ]
    draft = OfferDraft(**{**facts, **changes})
    return await create_offer(tx, ids, draft, picked, actor_id=AccountId(1), now=NOON)


async def a_coupon(tx: Tx, ids: IdMaker, shop_id: ShopId | None, **changes: Any) -> int:
    """A coupon of 5.00; terms and how it is handed out by keyword."""
    names = set(CouponDraft.__dataclass_fields__)
    own = {name: changes.pop(name) for name in list(changes) if name in names}
    facts: dict[str, Any] = {
        "coupon_id": 0,
        "title": "Five off",
        "payer": Payer.SHOP if shop_id is not None else Payer.PLATFORM,
        "benefit": Benefit.FIXED,
        "shop_id": shop_id,
        "amount_minor": 500,
    }
    terms = Terms(**{**facts, **changes})
    draft: dict[str, Any] = {
        "terms": terms,
        "claim_from": NOON - DAY,
        "claim_until": NOON + DAY,
        "valid_from": NOON - DAY,
        "valid_until": NOON + 30 * DAY,
    }
    return await pricing.issue_coupon(
        tx, ids, CouponDraft(**{**draft, **own}), actor_id=AccountId(ids.make(3)), now=NOON
    )


async def a_claim_of(
    tx: Tx, ids: IdMaker, buyer: Buyer, coupon_id: int, *, now: datetime = NOON, code: str = ""
) -> int:
    return await pricing.claim_coupon(
        tx, ids, coupon_id, buyer_id=buyer.account_id, now=now, code=code
    )


async def quote_for(tx: Tx | Pool, asked: CheckoutAsked) -> Quoted:
    """What a checkout is quoted at."""
    wanted = quoting.Asked(
        buyer_id=asked.buyer_id,
        pieces=[quoting.Piece(line.sku_id, line.quantity) for line in asked.lines],
        destination=ABROAD,
        coupons=asked.coupons,
        now=asked.now,
    )
    return await quoting.quote(tx, wanted)
