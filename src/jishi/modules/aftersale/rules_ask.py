"""What a buyer may ask for, and at most how much. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from jishi.modules.aftersale.types import (
    PICTURES_MAX,
    REASONS,
    TEXT_MAX,
    CaseKind,
    Reason,
    Ruling,
    Stage,
)
from jishi.modules.aftersale.types_refusals import (
    AmountFixed,
    AmountMissing,
    AmountTooMuch,
    GoodsLeft,
    NoChangeOfMind,
    NotDelivered,
    NothingToAsk,
    PicturesNeeded,
    PriceNotFallen,
    PriceOnce,
    PriceTooLate,
    ReasonUnfit,
    SwapUnfit,
    TextTooLong,
    TooManyPictures,
    UnitsMissing,
    UnitsTooMany,
    WindowOver,
)

CHANGED_MIND = "changed_mind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a buyer asks about one line. ``amount_minor`` None: all that the units cost."""

    line: int
    kind: CaseKind
    reason: str
    quantity: int
    amount_minor: int | None = None
    swap_sku_id: int | None = None
    text: str = ""
    pictures: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStands:
    """An order's line as it stands now. Minor units are the buyer's money."""

    is_alive: bool  # paid, not refunded whole, not cancelled
    completed_at: datetime | None
    paid_at: datetime | None
    window: timedelta
    change_mind: timedelta
    price_within: timedelta
    quantity: int  # as bought
    units_left: int  # not refunded
    to_ship: int
    at_buyer: int
    buyer_minor: int  # not refunded
    all_payers_minor: int  # not refunded, of the buyer, the market and creators
    goods_paid_minor: int  # what the buyer paid for the goods of all units, without freight
    price_now_minor: int | None  # of the SKU; None: no longer sold
    had_price: bool  # the difference in price was refunded before
    swaps: frozenset[int]  # SKUs of the product at the SKU's price
    cap: Callable[[int], int]  # what so many of the units left cost the buyer


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What stands around a case."""

    line: LineStands
    return_address: Mapping[str, Any] | None = None  # of the shop, now
    is_sent_back: bool = False  # a parcel of this case went back to the shop
    is_swapped: bool = False  # another SKU than the line's was sent for it once
    last_ruling: Ruling | None = None


def check_wish(wish: Wish, line: LineStands, *, now: datetime) -> Wish:
    """``wish`` with its amount filled in.

    Raises NothingToAsk, ReasonUnfit, WindowOver, NoChangeOfMind, NotDelivered, GoodsLeft, UnitsTooMany,
    UnitsMissing, AmountTooMuch, AmountMissing, AmountFixed, SwapUnfit, PriceOnce, PriceTooLate,
    PriceNotFallen, PicturesNeeded, TooManyPictures, TextTooLong.
    """
    reason = REASONS.get(wish.reason)
    if reason is None or wish.kind not in reason.kinds:
        raise ReasonUnfit(field="reason")
    check_said(wish.text, wish.pictures)
    _check_time(wish, line, now)
    if wish.kind is CaseKind.PRICE:
        return replace(wish, quantity=0, amount_minor=price_difference(line, now=now))
    _check_units(wish, reason, line)
    if reason.needs_pictures and not wish.pictures:
        raise PicturesNeeded(field="pictures")
    if wish.kind is not CaseKind.EXCHANGE:
        wish = replace(wish, swap_sku_id=None)
    elif wish.swap_sku_id is not None and wish.swap_sku_id not in line.swaps:
        raise SwapUnfit(field="swap_sku_id")
    return replace(wish, amount_minor=_amount(wish, reason, line))


def check_said(text: str, pictures: Sequence[int]) -> None:
    """Raises TextTooLong, TooManyPictures."""
    if len(text) > TEXT_MAX:
        raise TextTooLong(field="text", limit=TEXT_MAX)
    if len(pictures) > PICTURES_MAX:
        raise TooManyPictures(field="pictures", limit=PICTURES_MAX)


def price_difference(line: LineStands, *, now: datetime) -> int:
    """What today's price is below the one paid, over the units left; the unit paid rounded down.

    Raises PriceOnce, PriceTooLate, PriceNotFallen.
    """
    if line.had_price:
        raise PriceOnce
    if line.paid_at is None or now >= line.paid_at + line.price_within:
        raise PriceTooLate(days=line.price_within.days)
    unit = line.goods_paid_minor // line.quantity
    if line.price_now_minor is None or line.price_now_minor >= unit:
        raise PriceNotFallen
    most = line.buyer_minor - 1 if line.to_ship else line.buyer_minor
    difference = min((unit - line.price_now_minor) * line.units_left, most)
    if difference <= 0:
        raise PriceNotFallen
    return difference


def _check_time(wish: Wish, line: LineStands, now: datetime) -> None:
    if not line.is_alive:
        raise NothingToAsk
    if line.completed_at is not None and now >= line.completed_at + line.window:
        raise WindowOver(days=line.window.days)
    if wish.reason == CHANGED_MIND and (
        not line.change_mind
        or (line.completed_at is not None and now >= line.completed_at + line.change_mind)
    ):
        raise NoChangeOfMind(field="reason")


def _check_units(wish: Wish, reason: Reason, line: LineStands) -> None:
    if wish.quantity < 1:
        raise UnitsMissing(field=f"q_{wish.line}")
    if wish.quantity > line.units_left:
        raise UnitsTooMany(field=f"q_{wish.line}", left=line.units_left)
    if reason.stage is Stage.UNSHIPPED:
        if wish.quantity > line.to_ship:
            raise GoodsLeft(field="reason")
    elif not line.at_buyer:
        raise NotDelivered(field="kind")
    elif wish.quantity > line.at_buyer:
        raise UnitsTooMany(field=f"q_{wish.line}", left=line.at_buyer)


def _amount(wish: Wish, reason: Reason, line: LineStands) -> int:
    cap = line.cap(wish.quantity)
    if wish.kind in (CaseKind.EXCHANGE, CaseKind.RESEND) or wish.amount_minor is None:
        return cap
    if wish.amount_minor > cap:
        raise AmountTooMuch(field="amount", cap_minor=cap)
    if reason.stage is Stage.UNSHIPPED and wish.amount_minor != cap:
        raise AmountFixed(field="amount", cap_minor=cap)
    if wish.amount_minor < 0 or (wish.amount_minor == 0 and cap > 0):
        raise AmountMissing(field="amount")
    return wish.amount_minor
