"""Orders whose lines the market and a creator pay a part of, written through the real flow of placing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from jishi.db import Tx
from jishi.flows.place_orders.flow import write
from jishi.flows.place_orders.types import (
    AppliedOffer,
    Placed,
    PlannedCheckout,
    PlannedLine,
    PlannedOrder,
    SkuFacts,
)
from jishi.kit.ids import CheckoutId, IdMaker, OrderId, PaymentId, cell_of
from tests.support.makers import NOON, UNPAID_FOR, Goods, Town, brought

CREATOR = 4_242


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A line of such an order: the goods, how many, and who forgoes or pays what of it."""

    goods: Goods
    quantity: int
    discount_minor: int = 0
    freight_minor: int = 0
    platform_minor: int = 0
    creator_minor: int = 0


def random_shares(chance: Random, goods: Sequence[Goods], *, most: int = 6) -> list[Share]:
    """A line per SKU; the buyer pays at least one minor unit of the first."""
    made = []
    for at, each in enumerate(goods):
        quantity = chance.randint(1, most)
        whole = each.price_minor * quantity
        discount = chance.choice([0, chance.randint(0, whole // 2)])
        freight = chance.choice([0, chance.randint(0, 1_500)])
        owed = whole - discount + freight
        spare = owed - 1 if at == 0 else owed
        platform = chance.choice([0, chance.randint(0, spare)])
        creator = chance.choice([0, chance.randint(0, spare - platform)])
        made.append(
            Share(
                goods=each,
                quantity=quantity,
                discount_minor=discount,
                freight_minor=freight,
                platform_minor=platform,
                creator_minor=creator,
            )
        )
    return made


async def an_order_of_many_payers(
    tx: Tx,
    ids: IdMaker,
    town: Town,
    shares: Sequence[Share],
    *,
    until: str = "unpaid",
    fee_bp: int = 73,
    at: datetime = NOON,
) -> OrderId:
    """One order of the first buyer, brought as far as ``until`` says."""
    plan = _plan(ids, town, shares, fee_bp, at)
    assert await write(tx, [plan]) == [[]]
    placed = Placed(
        checkout_id=plan.id,
        payment_id=plan.payment_id,
        order_ids=[plan.orders[0].id],
        amount_minor=plan.amount_minor,
    )
    return await brought(tx, ids, placed, until=until, at=at)


def _plan(
    ids: IdMaker, town: Town, shares: Sequence[Share], fee_bp: int, at: datetime
) -> PlannedCheckout:
    shop_id, buyer = shares[0].goods.shop_id, town.buyers[0]
    cell = cell_of(buyer.account_id)
    lines = [_line(number, share) for number, share in enumerate(shares, start=1)]
    order = PlannedOrder(
        id=OrderId(ids.make(cell_of(shop_id))),
        shop_id=shop_id,
        goods_minor=sum(it.price_minor * it.quantity for it in lines),
        freight_minor=sum(it.freight_minor for it in lines),
        discount_minor=sum(it.discount_minor for it in lines),
        platform_minor=sum(it.platform_minor for it in lines),
        creator_minor=sum(it.creator_minor for it in lines),
        creator_id=CREATOR if any(it.creator_minor for it in lines) else None,
        fee_bp=fee_bp,
        note="",
        lines=lines,
    )
    return PlannedCheckout(
        id=CheckoutId(ids.make(cell)),
        buyer_id=buyer.account_id,
        payment_id=PaymentId(ids.make(cell)),
        key=str(ids.make(0)),
        request_hash=b"many payers",
        address={"address_id": str(buyer.address_id), "country": "SG", "receiver": "A Buyer"},
        channel="direct",
        provider="sandbox",
        currency="CNY",
        placed_at=at,
        expires_at=at + UNPAID_FOR,
        orders=[order],
    )


def _line(number: int, share: Share) -> PlannedLine:
    goods = share.goods
    facts = SkuFacts(
        sku_id=goods.sku_id,
        product_id=goods.product_id,
        shop_id=goods.shop_id,
        title=f"Thing {number}",
        options=["red"],
        picture={"art": "tea"},
        price_minor=goods.price_minor,
        on_sale=True,
        warehouse_id=goods.warehouse_id,
        on_hand=1_000,
        shop_state="open",
        freight_minor=0,
        free_freight_from_minor=None,
        fee_bp=73,
    )
    parts = (
        ("shop", share.discount_minor),
        ("platform", share.platform_minor),
        ("creator", share.creator_minor),
    )
    return PlannedLine(
        line=number,
        sku=facts,
        warehouse_id=goods.warehouse_id,
        quantity=share.quantity,
        price_minor=goods.price_minor,
        freight_minor=share.freight_minor,
        asked_at=number - 1,
        discount_minor=share.discount_minor,
        platform_minor=share.platform_minor,
        creator_minor=share.creator_minor,
        offers=[
            AppliedOffer(offer_id=9, kind="coupon", payer=payer, amount_minor=amount, title="")
            for payer, amount in parts
            if amount
        ],
    )
