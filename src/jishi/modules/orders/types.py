"""The states of an order and the moves between them."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from jishi.kit.text import mark as _


class OrderState(IntEnum):
    """Numbers are those of the WeChat Shop API."""

    UNPAID = 10
    GIFT_WAITING = 12
    GROUP_WAITING = 13
    TO_SHIP = 20
    PART_SHIPPED = 21
    SHIPPED = 30
    COMPLETED = 100
    REFUNDED = 200
    CANCELLED = 250

    @property
    def code(self) -> str:
        """The state's name in the API: ``to_ship``."""
        return self.name.lower()

    @property
    def words(self) -> str:
        """The state as people read it; an English message id."""
        return WORDS[self]


WORDS: Final[Mapping[OrderState, str]] = {
    OrderState.UNPAID: _("To pay"),
    OrderState.GIFT_WAITING: _("Waiting to be claimed"),
    OrderState.GROUP_WAITING: _("Waiting for the group"),
    OrderState.TO_SHIP: _("To ship"),
    OrderState.PART_SHIPPED: _("Partly shipped"),
    OrderState.SHIPPED: _("Shipped"),
    OrderState.COMPLETED: _("Completed"),
    OrderState.REFUNDED: _("Refunded"),
    OrderState.CANCELLED: _("Cancelled"),
}

_S = OrderState
MOVES: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    # unpaid → unpaid: the shop lowers the price
    _S.UNPAID: frozenset({_S.UNPAID, _S.TO_SHIP, _S.GIFT_WAITING, _S.GROUP_WAITING, _S.CANCELLED}),
    _S.GIFT_WAITING: frozenset({_S.TO_SHIP, _S.REFUNDED}),
    _S.GROUP_WAITING: frozenset({_S.TO_SHIP, _S.REFUNDED}),
    _S.TO_SHIP: frozenset({_S.PART_SHIPPED, _S.SHIPPED, _S.REFUNDED}),
    _S.PART_SHIPPED: frozenset({_S.PART_SHIPPED, _S.SHIPPED, _S.REFUNDED}),
    _S.SHIPPED: frozenset({_S.COMPLETED, _S.REFUNDED}),
    _S.COMPLETED: frozenset({_S.REFUNDED}),
    _S.REFUNDED: frozenset(),
    _S.CANCELLED: frozenset({_S.TO_SHIP}),  # only by a late payment that finds free stock
}
