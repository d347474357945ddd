"""What the invoices become: orders, after-sale cases, and rows that are recorded only. Pure.

A return takes units back from the same customer's newest earlier purchase of the same code at the
same price. What was bought before the file begins, over the counter, or is no goods at all, stays a
recorded row with its reason, so that every row of the file has exactly one place.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jishi.imports.online_retail import Entry, Invoice

PIECES_MAX = 9_999  # of one order line; larger rows become several
MILLI_PER_MINOR = 10
FREIGHT_CODES = frozenset({"POST", "DOT", "C2"})
# Manual entries, discounts, samples, fees, bad debts, donations. Codes without a digit are no goods.
NOT_GOODS = frozenset({"M", "D", "S", "B", "CRUK", "BANK CHARGES", "AMAZONFEE"})


class Fate(StrEnum):
    SOLD = "sold"
    FREIGHT = "freight"
    RETURNED = "returned"
    RECORDED = "recorded"


class Why(StrEnum):
    """Why a row, or a part of it, is in no order and no case."""

    NOTHING = ""
    NO_PRICE = "price_zero"  # samples, counting differences
    NOT_GOODS = "not_goods"
    BAD_DEBT = "bad_debt"
    FREIGHT_ALONE = "freight_alone"  # postage without goods on the invoice
    BELOW_MINOR = "below_minor_unit"
    NO_CUSTOMER = "returned_over_the_counter"
    BOUGHT_BEFORE = "bought_before"  # no purchase in the file it could belong to
    NEGATIVE = "negative_sale"


@dataclass(slots=True, kw_only=True)
class Place:
    """What became of one row."""

    entry: Entry
    fate: Fate
    why: Why = Why.NOTHING
    booked_quantity: int = 0
    booked_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One order line; ``line`` counts from 1."""

    line: int
    code: str
    quantity: int
    price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An invoice that is an order: placed, paid, shipped and completed at its own time."""

    invoice: Invoice
    lines: Sequence[SaleLine]
    freight_minor: int
    places: Sequence[Place]

    @property
    def amount_minor(self) -> int:
        return self.freight_minor + sum(it.quantity * it.price_minor for it in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Units of a line of an earlier sale that came back: one after-sale case."""

    sale: str  # invoice number
    line: int
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """An invoice of returns, or of nothing that could be booked."""

    invoice: Invoice
    taken: Sequence[Taken]
    places: Sequence[Place]

    @property
    def amount_minor(self) -> int:
        return sum(it.amount_minor for it in self.taken)


@dataclass(slots=True)
class _Lot:
    sale: str
    line: int
    left: int


@dataclass(slots=True)
class Planner:
    """Goes through the invoices oldest first and remembers what each customer still has."""

    lots: dict[tuple[str, str, int], list[_Lot]] = field(default_factory=lambda: defaultdict(list))

    def plan(self, invoice: Invoice) -> Sale | Return:
        if invoice.number[:1] in {"C", "c"}:
            return self._return(invoice)
        places = [_place(entry) for entry in invoice.entries]
        sold = [it for it in places if it.fate is Fate.SOLD]
        if not sold:
            for it in places:
                if it.fate is Fate.FREIGHT:
                    it.fate, it.why = Fate.RECORDED, Why.FREIGHT_ALONE
                    it.booked_quantity = it.booked_minor = 0
            return Return(invoice=invoice, taken=[], places=places)
        lines: list[SaleLine] = []
        for it in sold:
            self._sell(invoice, it, lines)
        freight = sum(it.booked_minor for it in places if it.fate is Fate.FREIGHT)
        return Sale(invoice=invoice, lines=lines, freight_minor=freight, places=places)

    def _sell(self, invoice: Invoice, place: Place, lines: list[SaleLine]) -> None:
        entry, left = place.entry, place.entry.quantity
        while left:
            pieces = min(left, PIECES_MAX)
            line = SaleLine(
                line=len(lines) + 1,
                code=entry.code,
                quantity=pieces,
                price_minor=minor_price(entry.price_milli),
            )
            lines.append(line)
            if invoice.customer:
                lot = _Lot(invoice.number, line.line, pieces)
                self.lots[invoice.customer, entry.code, entry.price_milli].append(lot)
            left -= pieces

    def _return(self, invoice: Invoice) -> Return:
        taken: dict[tuple[str, int], Taken] = {}
        places = []
        for entry in invoice.entries:
            place = Place(entry=entry, fate=Fate.RECORDED, why=_why_not_returned(entry))
            if place.why is Why.NOTHING:
                self._take_back(place, taken)
            places.append(place)
        return Return(invoice=invoice, taken=list(taken.values()), places=places)

    def _take_back(self, place: Place, taken: dict[tuple[str, int], Taken]) -> None:
        entry, wanted = place.entry, -place.entry.quantity
        lots = self.lots.get((entry.customer, entry.code, entry.price_milli), [])
        price = minor_price(entry.price_milli)
        while wanted and lots:
            lot = lots[-1]
            units = min(wanted, lot.left)
            before = taken.get((lot.sale, lot.line))
            quantity = units + (before.quantity if before else 0)
            taken[lot.sale, lot.line] = Taken(
                sale=lot.sale, line=lot.line, quantity=quantity, amount_minor=quantity * price
            )
            lot.left -= units
            wanted -= units
            place.booked_quantity += units
            place.booked_minor += units * price
            if not lot.left:
                lots.pop()
        place.fate = Fate.RETURNED if place.booked_quantity else Fate.RECORDED
        place.why = Why.BOUGHT_BEFORE if wanted else Why.NOTHING


def plan_all(invoices: Iterable[Invoice]) -> list[Sale | Return]:
    """``invoices`` oldest first; what each becomes, same order."""
    planner = Planner()
    return [planner.plan(invoice) for invoice in invoices]


def minor_price(price_milli: int) -> int:
    """A unit price in minor units, half up: orders know no smaller ones."""
    return (price_milli + MILLI_PER_MINOR // 2) // MILLI_PER_MINOR


def is_goods(code: str) -> bool:
    return code.upper() not in NOT_GOODS and any(letter.isdigit() for letter in code)


def _place(entry: Entry) -> Place:
    """A row of an invoice that is no return."""
    why = _why_not_sold(entry)
    if why is not Why.NOTHING:
        return Place(entry=entry, fate=Fate.RECORDED, why=why)
    fate = Fate.FREIGHT if entry.code.upper() in FREIGHT_CODES else Fate.SOLD
    return Place(
        entry=entry,
        fate=fate,
        booked_quantity=entry.quantity,
        booked_minor=entry.quantity * minor_price(entry.price_milli),
    )


def _why_not_sold(entry: Entry) -> Why:
    if entry.invoice[:1] in {"A", "a"}:
        return Why.BAD_DEBT
    if entry.price_milli == 0:
        return Why.NO_PRICE
    if entry.quantity < 0 or entry.price_milli < 0:
        return Why.NEGATIVE
    if minor_price(entry.price_milli) == 0:
        return Why.BELOW_MINOR
    if entry.code.upper() not in FREIGHT_CODES and not is_goods(entry.code):
        return Why.NOT_GOODS
    return Why.NOTHING


def _why_not_returned(entry: Entry) -> Why:
    if entry.price_milli <= 0 or entry.quantity > 0:
        return Why.NO_PRICE if entry.price_milli == 0 else Why.NEGATIVE
    if entry.code.upper() in FREIGHT_CODES or not is_goods(entry.code):
        return Why.NOT_GOODS
    return Why.NOTHING if entry.customer else Why.NO_CUSTOMER


def counters_of(plans: Sequence[Sale | Return]) -> dict[str, int]:
    """What these invoices come to."""
    sales = [it for it in plans if isinstance(it, Sale)]
    places = [place for it in plans for place in it.places]
    fates = Counter(place.fate.value for place in places)
    return {
        "invoices": len(plans),
        "rows": len(places),
        "orders_placed": len(sales),
        "order_lines": sum(len(it.lines) for it in sales),
        **{f"rows_{fate.value}": fates[fate.value] for fate in Fate},
        "after_sale_cases": sum(len(it.taken) for it in plans if isinstance(it, Return)),
        "sales_minor": sum(it.amount_minor for it in sales),
        "refunds_minor": sum(it.amount_minor for it in plans if isinstance(it, Return)),
    }


def reasons_of(plans: Sequence[Sale | Return]) -> dict[str, int]:
    """Rows recorded only, wholly or in part, by reason."""
    found = Counter(place.why.value for it in plans for place in it.places if place.why)
    return dict(sorted(found.items()))


def first_seen(plans: Sequence[Sale | Return]) -> dict[str, datetime]:
    """Customers with the time of their first invoice; oldest first. Over the counter is ""."""
    found: dict[str, datetime] = {}
    for it in plans:
        found.setdefault(it.invoice.customer, it.invoice.at)
    return found
