"""What is asked, what is planned, what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jishi.flows.quote.types import SkuFacts as SkuFacts  # noqa: PLC0414 - part of its words
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import (
    AccountId,
    AddressId,
    CheckoutId,
    OrderId,
    PaymentId,
    ShopId,
    SkuId,
    WarehouseId,
)
from jishi.modules.pricing import AppliedOffer as AppliedOffer  # noqa: PLC0414 - as above


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAsked:
    """Some pieces of a SKU at the list price the buyer saw.

    ``pay_minor``: what the buyer saw the line to cost after all rules; None: not said.
    """

    sku_id: SkuId
    quantity: int
    price_minor: int
    pay_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutAsked:
    """One tap on "place order". ``notes`` to shops by shop id; ``coupons`` by id of the claim.

    ``expected_minor``: the total the buyer saw; another one now is refused, not charged.
    """

    buyer_id: AccountId
    key: str
    request_hash: bytes
    address_id: AddressId
    lines: Sequence[LineAsked]
    notes: Mapping[int, str] = field(default_factory=dict)
    channel: str = "direct"
    coupons: Sequence[int] = ()
    expected_minor: int | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """Amounts as in docs/money: the shop is owed ``amount_minor``, the buyer pays ``buyer_minor``."""

    line: int
    sku: SkuFacts
    warehouse_id: WarehouseId
    quantity: int
    price_minor: int
    freight_minor: int
    asked_at: int  # position in the request
    discount_minor: int = 0
    platform_minor: int = 0
    creator_minor: int = 0
    offer_id: int | None = None  # the timed offer ``offer_quantity`` units draw on
    offer_quantity: int = 0
    offers: Sequence[AppliedOffer] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """Sums over its lines; ``creator_id`` is who pays ``creator_minor``."""

    id: OrderId
    shop_id: ShopId
    goods_minor: int
    freight_minor: int
    fee_bp: int
    note: str
    lines: Sequence[PlannedLine]
    discount_minor: int = 0
    platform_minor: int = 0
    creator_minor: int = 0
    creator_id: int | None = None

    @property
    def amount_minor(self) -> int:
        """What the shop is owed, by all payers."""
        return self.goods_minor - self.discount_minor + self.freight_minor

    @property
    def buyer_minor(self) -> int:
        """What the buyer pays."""
        return self.amount_minor - self.platform_minor - self.creator_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCheckout:
    """A checkout ready to be written: every id made, every amount final.

    ``actor`` is ``buyer``, or ``import`` for orders agreed elsewhere, whose prices stand.
    """

    id: CheckoutId
    buyer_id: AccountId
    payment_id: PaymentId
    key: str
    request_hash: bytes
    address: Mapping[str, Any]
    channel: str
    provider: str
    currency: str
    placed_at: datetime
    expires_at: datetime
    orders: Sequence[PlannedOrder]
    actor: str = "buyer"
    # per coupon and order it lowers: claim, order, amount
    coupons: Sequence[tuple[int, OrderId, int]] = ()

    @property
    def amount_minor(self) -> int:
        """What the buyer pays for all of it."""
        return sum(order.buyer_minor for order in self.orders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """``is_repeat``: the first answer to the same Idempotency-Key."""

    checkout_id: CheckoutId
    payment_id: PaymentId
    order_ids: Sequence[OrderId]
    amount_minor: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing was placed or charged; one refusal per line at fault, or one for the whole."""

    refusals: Sequence[Refusal]


class NothingAsked(Refusal):
    kind, code = Kind.INVALID, "orders.nothing_asked"
    text = "Choose at least one thing to buy."


class TooManyLines(Refusal):
    kind, code = Kind.INVALID, "orders.too_many_lines"
    text = "One checkout takes at most {most} different things; you chose {count}."


class SkuTwice(Refusal):
    kind, code = Kind.INVALID, "orders.sku_twice"
    text = "The same thing is listed twice. Put the pieces together in one line."


class QuantityInvalid(Refusal):
    kind, code = Kind.INVALID, "orders.quantity_invalid"
    text = "The quantity must be a whole number from 1 to {most}; it is {quantity}."


class SkuGone(Refusal):
    kind, code = Kind.CONFLICT, "orders.sku_gone"
    text = "This is no longer for sale. Take it out to go on."


class PriceChanged(Refusal):
    kind, code = Kind.CONFLICT, "orders.price_changed"
    text = "The price has changed since you saw it. Check the new price and confirm again."


class StockShort(Refusal):
    kind, code = Kind.CONFLICT, "orders.stock_short"
    text = "Only {left} left, you asked for {quantity}."


class OfferOver(Refusal):
    kind, code = Kind.CONFLICT, "orders.offer_over"
    text = "Only {left} left at the special price. Take fewer, or confirm the ordinary price."


class OfferLimit(Refusal):
    kind, code = Kind.CONFLICT, "orders.offer_limit"
    text = (
        "You can have {left} more at the special price. Take fewer, or confirm the ordinary price."
    )


class ShopClosed(Refusal):
    kind, code = Kind.CONFLICT, "orders.shop_closed"
    text = "This shop is on holiday and takes no orders at the moment."


class AddressUnknown(Refusal):
    kind, code = Kind.INVALID, "orders.address_unknown"
    text = "This address is not in your address book. Choose another one."


class AmountTooLarge(Refusal):
    kind, code = Kind.INVALID, "orders.amount_too_large"
    text = "One payment cannot be larger than {most}. Split the purchase."


class TotalChanged(Refusal):
    kind, code = Kind.CONFLICT, "orders.total_changed"
    text = "The total is {total} now; you saw {seen}. Check it and confirm again."


class LinePayChanged(Refusal):
    kind, code = Kind.CONFLICT, "orders.line_pay_changed"
    text = "This costs you {pay} now; you saw {seen}. {because}"


class CouponRefused(Refusal):
    """A coupon that does not lower this purchase; its subclasses say why. ``title`` is the coupon's."""

    kind, code = Kind.CONFLICT, "coupons.refused"
    text = "The coupon “{title}” cannot be used here."


class CouponUnknown(CouponRefused):
    kind, code = Kind.INVALID, "coupons.unknown"
    text = "This coupon is not among yours. Choose another one."


class CouponUsed(CouponRefused):
    code = "coupons.used"
    text = "The coupon “{title}” has been used already."


class CouponExpired(CouponRefused):
    code = "coupons.expired"
    text = "The coupon “{title}” has expired."


class CouponNotYet(CouponRefused):
    code = "coupons.not_yet"
    text = "The coupon “{title}” cannot be used yet."


class CouponOtherGoods(CouponRefused):
    code = "coupons.other_goods"
    text = "The coupon “{title}” does not cover any of these goods."


class CouponAudience(CouponRefused):
    kind, code = Kind.FORBIDDEN, "coupons.audience"
    text = "The coupon “{title}” is for others: new buyers, followers or members."


class CouponThreshold(CouponRefused):
    code = "coupons.threshold"
    text = "The coupon “{title}” takes {short} more of its goods."


class CouponNothingLeft(CouponRefused):
    code = "coupons.nothing_left"
    text = "Other coupons have paid all the coupon “{title}” could pay."


class CouponNoFreight(CouponRefused):
    code = "coupons.no_freight"
    text = "There is no freight for the coupon “{title}” to pay."


class CouponSecond(CouponRefused):
    kind, code = Kind.INVALID, "coupons.second"
    text = "The coupon “{title}” is the second of its sort. One of them can be used."


class CouponExclusive(CouponRefused):
    kind, code = Kind.INVALID, "coupons.exclusive"
    text = "The coupon “{title}” cannot be combined with the others."


class TooManyCoupons(Refusal):
    kind, code = Kind.INVALID, "coupons.too_many"
    text = "One checkout takes at most {most} coupons."
