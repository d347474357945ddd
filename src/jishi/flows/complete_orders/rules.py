"""How escrow is divided. Pure; ``complete_orders.sql`` repeats it under lock."""

from dataclasses import dataclass

from jishi.flows.complete_orders.types import CompleteVerdict
from jishi.kit.money import share_down
from jishi.modules.orders import OrderState


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an order's escrow becomes: ``shop_minor + fee_minor`` = what is left of it."""

    shop_minor: int
    fee_minor: int


def settle(*, amount_minor: int, refunded_minor: int, fee_bp: int) -> Settlement:
    """The market's fee is taken from what is left for the shop, rounded down.

    Both amounts are over all payers: the buyer, the market's and creators' coupons.
    """
    left = amount_minor - refunded_minor
    fee = share_down(left, fee_bp)
    return Settlement(shop_minor=left - fee, fee_minor=fee)


def judge(*, state: OrderState | None, is_theirs: bool) -> CompleteVerdict:
    if state is None or not is_theirs:
        return CompleteVerdict.UNKNOWN
    if state is OrderState.COMPLETED:
        return CompleteVerdict.REPEAT
    if state is not OrderState.SHIPPED:
        return CompleteVerdict.WRONG_STATE
    return CompleteVerdict.COMPLETED
