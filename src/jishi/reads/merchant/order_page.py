"""One order as the consoles show it: its time line, parcels, lines and money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jishi.db import Row
from jishi.kit.money import share_down
from jishi.kit.text import mark as _
from jishi.modules.fulfilment import carrier_name
from jishi.modules.orders import OrderState
from jishi.reads.merchant.masking import may_see_receiver, receiver
from jishi.reads.merchant.queries import line_of
from jishi.reads.merchant.types import Line, number_tail
from jishi.web import ShopRole

STEP_WORDS: Final[Mapping[str, str]] = {
    "placed": _("Order placed"),
    "paid": _("Paid; the money is held"),
    "late_paid": _("Paid after it had lapsed; stock was taken again"),
    "lapsed": _("Not paid in time; stock is free again"),
    "shipped": _("Everything has left"),
    "part_shipped": _("A part has left"),
    "confirmed": _("Receipt confirmed; the money is yours"),
    "repriced": _("The shop lowered the price"),
    "due": _("Receipt confirmed by the clock; the money is yours"),
}
STATE_WORDS: Final[Mapping[OrderState, str]] = {
    OrderState.CANCELLED: _("Cancelled"),
    OrderState.REFUNDED: _("Refunded; goods are back in stock"),
}
ACTOR_WORDS: Final[Mapping[str, str]] = {
    "buyer": _("Buyer"),
    "shop": _("Shop"),
    "operator": _("Market operator"),
    "clock": _("Clock"),
    "provider": _("Payment provider"),
    "import": _("Import"),
}
WHY_WORDS: Final[Mapping[str, str]] = {
    "out_of_stock": _("Out of stock"),
    "buyer_asked": _("The buyer asked for it"),
    "wrong_price": _("The price or text was wrong"),
    "cannot_deliver": _("Cannot be delivered there"),
    "changed_mind": _("Changed their mind"),
    "late_payment": _("Payment came too late"),
    "other": _("Another reason"),
}
SHOP_WHYS: Final = ("out_of_stock", "buyer_asked", "wrong_price", "cannot_deliver", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    words: str  # English message id
    actor: str  # English message id
    actor_id: str | None
    why: str  # English message id or a reason as typed; empty when the step says it all
    at: datetime
    is_bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    carrier: str
    waybill: str
    at: datetime
    contents: list[tuple[Line, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Minor units. ``amount_minor`` is owed to the shop by all payers; ``fee_minor`` is the market's
    part as it is or will be; ``refunded_minor`` the buyer's money, ``refunded_others_minor`` the rest."""

    goods_minor: int
    discount_minor: int
    freight_minor: int
    amount_minor: int
    platform_minor: int
    creator_minor: int
    refunded_minor: int
    refunded_others_minor: int
    fee_minor: int

    @property
    def buyer_minor(self) -> int:
        """What the buyer pays."""
        return self.amount_minor - self.platform_minor - self.creator_minor

    @property
    def shop_minor(self) -> int:
        """What the shop gets, or got."""
        back = self.refunded_minor + self.refunded_others_minor
        return self.amount_minor - back - self.fee_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOrder:
    row: Row
    state: OrderState
    lines: list[Line]
    codes: dict[int, str]
    steps: list[Step]
    parcels: list[Parcel]
    payments: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    receiver: dict[str, str]
    in_full: bool
    money: Money
    offers: list[dict[str, Any]]  # rules that lowered the price, each with its payer

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def tail(self) -> str:
        return number_tail(self.id)

    @property
    def is_to_ship(self) -> bool:
        return self.state in (OrderState.TO_SHIP, OrderState.PART_SHIPPED)


def one_order(row: Row, *, role: ShopRole | None, locale: str, in_full: bool = False) -> OneOrder:
    """The order of one row of ``order.sql``. Receivers are shown in full to ``role`` or on demand."""
    state = OrderState(row["state"])
    lines = [line_of(each) for each in row["lines"] or ()]
    full = in_full or may_see_receiver(role, state)
    return OneOrder(
        row=row,
        state=state,
        lines=lines,
        codes={each["line"]: each["code"] or "" for each in row["lines"] or ()},
        steps=[_step(each) for each in reversed(row["steps"] or ())],
        parcels=[_parcel(each, lines, locale) for each in row["parcels"] or ()],
        payments=[each | {"at": _instant(each["at"])} for each in row["payments"] or ()],
        refunds=[
            each | {"why": WHY_WORDS.get(each["why"], each["why"])} for each in row["refunds"] or ()
        ],
        receiver=receiver(row["address"], in_full=full),
        in_full=full,
        money=_money(row, state),
        offers=list(row["offers"] or ()),
    )


def _money(row: Row, state: OrderState) -> Money:
    others = row["refunded_platform_minor"] + row["refunded_creator_minor"]
    left = row["amount_minor"] - row["refunded_minor"] - others
    ended = state in (OrderState.COMPLETED, OrderState.CANCELLED, OrderState.REFUNDED)
    return Money(
        goods_minor=row["goods_minor"],
        discount_minor=row["discount_minor"],
        freight_minor=row["freight_minor"],
        amount_minor=row["amount_minor"],
        platform_minor=row["platform_minor"],
        creator_minor=row["creator_minor"],
        refunded_minor=row["refunded_minor"],
        refunded_others_minor=others,
        # rule: jishi.flows.complete_orders.rules.settle
        fee_minor=row["fee_minor"] if ended else share_down(left, row["fee_bp"]),
    )


def _step(step: Mapping[str, Any]) -> Step:
    state, why = OrderState(step["state"]), str(step["why"])
    words = STEP_WORDS.get(why) or STATE_WORDS.get(state) or state.words
    return Step(
        words=words,
        actor=ACTOR_WORDS.get(step["actor"], step["actor"]),
        actor_id=step["actor_id"],
        why="" if why in STEP_WORDS else WHY_WORDS.get(why, why),
        at=_instant(step["at"]),
        is_bad=state in (OrderState.CANCELLED, OrderState.REFUNDED),
    )


def _parcel(parcel: Mapping[str, Any], lines: Sequence[Line], locale: str) -> Parcel:
    by_number = {line.line: line for line in lines}
    return Parcel(
        carrier=carrier_name(parcel["carrier"], locale),
        waybill=parcel["waybill"],
        at=_instant(parcel["at"]),
        contents=[(by_number[each["line"]], each["quantity"]) for each in parcel["lines"] or ()],
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
