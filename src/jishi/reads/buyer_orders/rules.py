"""What an order's history and standing are called. Pure."""

from typing import Final

from jishi.kit.text import mark as _
from jishi.modules.orders import OrderState

_S = OrderState

STEP_TEXTS: Final = {
    _S.UNPAID: _("Placed"),
    _S.TO_SHIP: _("Paid; the money is held by Jishi"),
    _S.PART_SHIPPED: _("A part was shipped"),
    _S.SHIPPED: _("Shipped"),
    _S.COMPLETED: _("Receipt confirmed; the shop is paid"),
    _S.REFUNDED: _("Refunded in full"),
    _S.CANCELLED: _("Cancelled"),
}
STEP_DETAILS: Final = {
    "late_paid": _("The payment came after the time was over; the goods were still there."),
    "lapsed": _("It was not paid in time. The goods are free again; nothing was charged."),
    "due": _("By the clock, as nobody objected."),
}
BY: Final = {
    (_S.CANCELLED, "buyer"): _("By you. Nothing was charged."),
    (_S.CANCELLED, "shop"): _("By the shop. Nothing was charged."),
    (_S.CANCELLED, "operator"): _("By Jishi. Nothing was charged."),
    (_S.REFUNDED, "buyer"): _("Asked by you before anything was shipped."),
    (_S.REFUNDED, "shop"): _("By the shop, which cannot deliver."),
    (_S.REFUNDED, "operator"): _("Decided by Jishi."),
    (_S.COMPLETED, "buyer"): _("By you."),
}
# what is still to come, newest last
AHEAD: Final = {
    _S.UNPAID: (_("Pay"), _("The shop ships"), _("You confirm receipt; then the shop is paid")),
    _S.TO_SHIP: (_("The shop ships"), _("You confirm receipt; then the shop is paid")),
    _S.PART_SHIPPED: (
        _("The shop ships the rest"),
        _("You confirm receipt; then the shop is paid"),
    ),
    _S.SHIPPED: (_("You confirm receipt; then the shop is paid"),),
}
HEADLINES: Final = {
    _S.UNPAID: _("Waiting for your payment"),
    _S.TO_SHIP: _("Paid; the shop is packing"),
    _S.PART_SHIPPED: _("A part is on its way"),
    _S.SHIPPED: _("On its way to you"),
    _S.COMPLETED: _("Completed"),
    _S.REFUNDED: _("Refunded in full"),
    _S.CANCELLED: _("Cancelled"),
}
LABELS: Final = (_("Placed"), _("Paid"), _("Shipped"), _("Confirmed"))
STAGES: Final = {_S.UNPAID: 0, _S.TO_SHIP: 1, _S.PART_SHIPPED: 2, _S.SHIPPED: 2, _S.COMPLETED: 3}


def step_words(state: OrderState, actor: str, why: str) -> tuple[str, str]:
    """(what happened, by whom or why), as message ids; the second may be empty."""
    detail = STEP_DETAILS.get(why) or BY.get((state, actor), "")
    return STEP_TEXTS.get(state, state.words), detail


def ahead(state: OrderState) -> list[str]:
    """What has not happened yet, the furthest first, as a time line wants it."""
    return list(reversed(AHEAD.get(state, ())))
