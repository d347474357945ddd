"""What the first shops of the demo do to sell more: coupons, a sale, a flash sale, sets, member prices.

Made after the month, so that its orders keep the prices they had.
"""

from datetime import timedelta
from typing import Final

from jishi.db import Tx
from jishi.demo.plan import Plan
from jishi.demo.world import World
from jishi.flows.keep_offers import Picked, create_offer
from jishi.kit.ids import AccountId, IdMaker, ShopId, SkuId
from jishi.modules import pricing
from jishi.modules.pricing import (
    FOREVER,
    Audience,
    Benefit,
    CouponDraft,
    OfferDraft,
    OfferKind,
    Payer,
    Terms,
)

SHOPS: Final = 4  # that have offers
PIECES: Final = 6  # SKUs of an offer
LASTS: Final = timedelta(days=14)
MARKET_CODE: Final = "JISHI2026"


async def make_offers(tx: Tx, maker: IdMaker, plan: Plan, world: World) -> None:
    """Offers of the first shops on what they have sold longest, and two coupons of the market."""
    for number in range(min(SHOPS, len(plan.shops))):
        await _of_shop(tx, maker, plan, world, number)
    for terms, code in (
        (_terms(None, "集市见面礼 Welcome", 1_000, 5_000), ""),
        (_terms(None, "好友专享 Friends", 2_000, 15_000), MARKET_CODE),
    ):
        await _issue(tx, maker, plan, terms, world.operator, code=code, budget=500_000)


async def _of_shop(tx: Tx, maker: IdMaker, plan: Plan, world: World, number: int) -> None:
    shop_id, owner = world.shops[number], world.owners[number]
    goods = [
        (sku, plan.shops[place[0]].goods[place[1]].pieces[place[2]].price_minor)
        for place, sku in sorted(
            world.skus.items(), key=lambda item: (plan.listed_at[item[0][:2]], item[0])
        )
        if place[0] == number and place[:2] in plan.for_sale and plan.left.get(place, 0) > 0
    ]
    parts = [goods[at : at + PIECES] for at in range(0, 4 * PIECES, PIECES)]
    for kind, part in zip(_KINDS, parts, strict=False):
        if part:
            await _offer(tx, maker, plan, shop_id, owner, kind, part)
    await _issue(tx, maker, plan, _terms(shop_id, "感谢惠顾 Thank you", 500, 6_000), owner)
    free = Terms(
        coupon_id=0,
        title="包邮券 We pay the parcel",
        payer=Payer.SHOP,
        benefit=Benefit.FREE_FREIGHT,
        shop_id=shop_id,
    )
    await _issue(tx, maker, plan, free, owner)


_KINDS: Final = (OfferKind.TIMED, OfferKind.FLASH, OfferKind.N_FOR, OfferKind.MEMBER)
_TITLES: Final = {
    OfferKind.TIMED: "换季特惠 Season sale",
    OfferKind.FLASH: "整点秒杀 Lightning hour",
    OfferKind.N_FOR: "任选三件 Any three",
    OfferKind.MEMBER: "会员专享 Members",
}


async def _offer(
    tx: Tx,
    maker: IdMaker,
    plan: Plan,
    shop_id: ShopId,
    owner: AccountId,
    kind: OfferKind,
    goods: list[tuple[SkuId, int]],
) -> None:
    is_flash, is_set = kind is OfferKind.FLASH, kind is OfferKind.N_FOR
    starts = plan.now + timedelta(hours=3) if is_flash else plan.now - timedelta(days=1)
    three = sum(sorted(price for _, price in goods)[-3:])
    draft = OfferDraft(
        shop_id=shop_id,
        kind=kind,
        title=_TITLES[kind],
        items=(),
        starts_at=starts,
        ends_at=FOREVER if kind is OfferKind.MEMBER else starts + LASTS,
        announced_at=plan.now - timedelta(days=1),
        audience=Audience.MEMBERS if kind is OfferKind.MEMBER else Audience.EVERYONE,
        pieces=3 if is_set else None,
        price_minor=three * 8 // 10 if is_set else None,
    )
    percent = {OfferKind.TIMED: 1_500, OfferKind.FLASH: 4_000, OfferKind.MEMBER: 500}.get(kind)
    picked = [
        Picked(
            sku_id=sku,
            percent_off_bp=percent,
            quota=20 if is_flash else None,
            per_buyer=2 if is_flash else None,
        )
        for sku, _ in goods
    ]
    await create_offer(tx, maker, draft, picked, actor_id=owner, now=plan.now - timedelta(days=1))


def _terms(shop_id: ShopId | None, title: str, amount: int, threshold: int) -> Terms:
    return Terms(
        coupon_id=0,
        title=title,
        payer=Payer.SHOP if shop_id is not None else Payer.PLATFORM,
        benefit=Benefit.FIXED,
        shop_id=shop_id,
        amount_minor=amount,
        threshold_minor=threshold,
    )


async def _issue(
    tx: Tx,
    maker: IdMaker,
    plan: Plan,
    terms: Terms,
    actor: AccountId,
    *,
    code: str = "",
    budget: int | None = None,
) -> int:
    began = plan.now - timedelta(days=2)
    draft = CouponDraft(
        terms=terms,
        claim_from=began,
        claim_until=plan.now + LASTS,
        valid_from=began,
        valid_days=30,
        is_public=not code,
        code=code,
        per_person=2,
        budget_minor=budget,
    )
    return await pricing.issue_coupon(tx, maker, draft, actor_id=actor, now=began)
