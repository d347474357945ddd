"""Comparing a bill with our books. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jishi.flows.reconcile.types import (
    NOTED_KINDS,
    NOTED_OTHERS,
    Difference,
    Kind,
    Ours,
    Totals,
    What,
)
from jishi.modules.payments import Bill, BillKind, BillRow

Key = tuple[What, int]


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """From its first instant to the first of the next day."""
    its_zone = ZoneInfo(zone)
    return (
        datetime.combine(day, time(), its_zone),
        datetime.combine(day + timedelta(days=1), time(), its_zone),
    )


def key_of(row: BillRow) -> Key | None:
    """What of ours a row is about; None when the number is not one of ours."""
    match row.kind:
        case BillKind.PAYMENT:
            number: int | None = row.payment_id
        case BillKind.REFUND:
            number = row.refund_id
        case BillKind.PAYOUT | BillKind.PAYOUT_RETURN:
            number = row.payout_id
    return (What(row.kind), number) if number is not None else None


def compare(bill: Bill, ours: Iterable[Ours]) -> tuple[Totals, list[Difference]]:
    """Both sides' sums and every difference, in the order of the bill, what it lacks at the end.

    The sums re-add: theirs less ours is what the differences say, for each sort of movement.
    Rows that are under way count on neither side, unless we hold them for done on that day.
    """
    begins, ends = day_bounds(bill.day, bill.zone)
    known = {(it.what, it.number): it for it in ours}
    today = {key: it for key, it in known.items() if _is_of(it, begins, ends)}
    found = list(_rows(bill.rows, known, today))
    seen = {key_of(row) for row in bill.rows}
    found += [
        Difference(
            kind=Kind.MISSING_THEIRS,
            what=it.what,
            number=str(it.number),
            subject_id=it.id,
            our_minor=it.amount_minor,
            our_state=it.state,
        )
        for key, it in sorted(today.items())
        if key not in seen
    ]
    found += _bill_lines(bill)
    return _totals(bill, today), _numbered(found)


def opening_state(difference: Difference) -> str:
    """``noted`` for what nobody needs to explain."""
    is_usual = difference.kind is Kind.OTHER and difference.number in NOTED_OTHERS
    return "noted" if difference.kind in NOTED_KINDS or is_usual else "open"


def readds(totals: Totals, differences: Sequence[Difference]) -> bool:
    """Whether the differences account for the whole difference of the sums."""

    def explained(what: What) -> int:
        return sum(it.their_minor - it.our_minor for it in differences if it.what is what)

    found = {
        What.PAYMENT: totals.their_paid_minor - totals.our_paid_minor,
        What.REFUND: totals.their_refunded_minor - totals.our_refunded_minor,
        What.PAYOUT: totals.their_paid_out_minor - totals.our_paid_out_minor,
        What.PAYOUT_RETURN: totals.their_came_back_minor - totals.our_came_back_minor,
    }
    return all(explained(what) == minor for what, minor in found.items())


def _rows(
    rows: Sequence[BillRow], known: Mapping[Key, Ours], today: Mapping[Key, Ours]
) -> Iterator[Difference]:
    done = {key_of(row) for row in rows if row.is_done}
    counted: set[Key] = set()
    for row in rows:
        key = key_of(row)
        it = known.get(key) if key else None
        our_minor = it.amount_minor if key in today and it else 0
        said = Difference(
            kind=Kind.MISSING_OURS,
            what=What(row.kind),
            number=row.number,
            subject_id=it.id if it else None,
            provider_ref=row.provider_ref,
            their_minor=row.amount_minor if row.is_done else 0,
            our_minor=our_minor,
            our_state=it.state if it else "",
            line=row.line,
        )
        if not row.is_done:
            if key and our_minor and key not in done | counted:
                counted.add(key)
                yield replace(said, kind=Kind.STATE_DIFFERS)
            continue
        if key in counted:
            yield replace(said, kind=Kind.TWICE, our_minor=0)
            continue
        if key:
            counted.add(key)
        kind = _kind(row, it, is_today=key in today)
        if kind:
            yield replace(said, kind=kind)


def _kind(row: BillRow, it: Ours | None, *, is_today: bool) -> Kind | None:
    if it is None:
        return Kind.MISSING_OURS
    if not it.is_done:
        return Kind.STATE_DIFFERS
    if it.amount_minor != row.amount_minor:
        return Kind.AMOUNT_DIFFERS
    return None if is_today else Kind.DAY_DIFFERS


def _is_of(it: Ours, begins: datetime, ends: datetime) -> bool:
    return it.is_done and it.at is not None and begins <= it.at < ends


def _bill_lines(bill: Bill) -> Iterator[Difference]:
    """What concerns the bill as a whole."""
    paid = sum(row.amount_minor for row in bill.rows if row.kind is BillKind.PAYMENT)
    back = sum(row.amount_minor for row in bill.rows if row.kind is BillKind.REFUND)
    own = (
        ("paid", bill.totals.paid_minor, paid),
        ("refunded", bill.totals.refunded_minor, back),
        ("rows", bill.totals.rows, len(bill.rows)),
    )
    for number, said, added in own:
        if said is not None and said != added:
            yield Difference(
                kind=Kind.TOTAL, what=What.BILL, number=number, their_minor=said, our_minor=added
            )
    for number, amount_minor in bill.others:
        yield Difference(kind=Kind.OTHER, what=What.BILL, number=number, their_minor=amount_minor)
    fee_minor = sum(row.fee_minor for row in bill.rows)
    if fee_minor:
        yield Difference(kind=Kind.FEE, what=What.BILL, number="fee", their_minor=fee_minor)


def _totals(bill: Bill, today: Mapping[Key, Ours]) -> Totals:
    def theirs(kind: BillKind) -> list[int]:
        return [row.amount_minor for row in bill.rows if row.is_done and row.kind is kind]

    def ours(what: What) -> list[int]:
        return [it.amount_minor for it in today.values() if it.what is what]

    return Totals(
        their_payments=len(theirs(BillKind.PAYMENT)),
        their_refunds=len(theirs(BillKind.REFUND)),
        their_paid_minor=sum(theirs(BillKind.PAYMENT)),
        their_refunded_minor=sum(theirs(BillKind.REFUND)),
        their_fee_minor=sum(row.fee_minor for row in bill.rows),
        our_payments=len(ours(What.PAYMENT)),
        our_refunds=len(ours(What.REFUND)),
        our_paid_minor=sum(ours(What.PAYMENT)),
        our_refunded_minor=sum(ours(What.REFUND)),
        their_payouts=len(theirs(BillKind.PAYOUT)),
        their_paid_out_minor=sum(theirs(BillKind.PAYOUT)),
        their_came_back_minor=sum(theirs(BillKind.PAYOUT_RETURN)),
        our_payouts=len(ours(What.PAYOUT)),
        our_paid_out_minor=sum(ours(What.PAYOUT)),
        our_came_back_minor=sum(ours(What.PAYOUT_RETURN)),
    )


def _numbered(found: Sequence[Difference]) -> list[Difference]:
    """Each with a number that no other of its kind has: a repeat carries its line."""
    taken: set[tuple[Kind, What, str]] = set()
    told = []
    for it in found:
        number = it.number
        while (it.kind, it.what, number) in taken:
            number = f"{number}#{it.line}"
        taken.add((it.kind, it.what, number))
        told.append(replace(it, number=number))
    return told
