"""How a case's money goes back, and what of a return's freight the shop pays. Pure."""

from dataclasses import dataclass

from jishi.modules.aftersale.rules_ask import Facts, LineStands
from jishi.modules.aftersale.types import FREIGHT_MAX_MINOR, Case, Stage
from jishi.modules.aftersale.types_refusals import (
    AmountMissing,
    FreightNotDue,
    FreightTooMuch,
    ReceiptMissing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBack:
    """A refund of the case's line, in the words of the refunding flow."""

    goods: str  # unshipped · returned · kept
    quantity: int
    amount_minor: int | None  # None: all that the units cost


def money_back(  # noqa: PLR0911 — one way each
    case: Case, facts: Facts, amount_minor: int, *, came_back: bool = False, sellable: bool = False
) -> MoneyBack | None:
    """How ``amount_minor`` of the buyer's money goes back; None when nothing is left of it.

    Units go with their whole price, or when they came back; less than that for goods that stay is money
    alone, so that the units can still be returned later.
    """
    line = facts.line
    if not line.all_payers_minor:
        return None
    units = min(case.quantity, line.at_buyer)
    if case.stage is Stage.UNSHIPPED and 0 < case.quantity <= line.to_ship:
        if amount_minor >= line.cap(case.quantity):
            return MoneyBack(goods="unshipped", quantity=case.quantity, amount_minor=None)
        return money_only(line, amount_minor)
    if not units:
        return money_only(line, amount_minor)
    cap = line.cap(units)
    goods = "returned" if sellable and not facts.is_swapped else "kept"
    if came_back:
        less = None if amount_minor >= cap else amount_minor
        return MoneyBack(goods=goods, quantity=units, amount_minor=less)
    if amount_minor >= cap:
        return MoneyBack(goods="kept", quantity=units, amount_minor=None)
    return money_only(line, amount_minor)


def money_only(line: LineStands, amount_minor: int) -> MoneyBack | None:
    """Money alone never takes all of a line that is still to be sent."""
    most = line.buyer_minor - 1 if line.to_ship else line.buyer_minor
    amount = min(amount_minor, most)
    return MoneyBack(goods="kept", quantity=0, amount_minor=amount) if amount > 0 else None


def check_freight(case: Case, freight_minor: int, *, is_shown: bool) -> None:
    """What a buyer names with the parcel back. Raises AmountMissing, FreightNotDue, FreightTooMuch,
    ReceiptMissing when no picture shows it."""
    if freight_minor < 0:
        raise AmountMissing(field="amount")
    if not case.is_freight_on_shop:
        raise FreightNotDue(field="amount")
    if freight_minor > FREIGHT_MAX_MINOR:
        raise FreightTooMuch(field="amount", limit_minor=FREIGHT_MAX_MINOR)
    if not is_shown:
        raise ReceiptMissing(field="pictures")
