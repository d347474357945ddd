"""Comparing is pure: most of it is settled here."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.flows.reconcile import rules
from jishi.flows.reconcile.types import Kind, Ours, What
from jishi.kit.ids import PaymentId, RefundId
from jishi.modules.payments import Bill, BillKind, BillRow, BillTotals

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_row(number: int = 1, **changes: Any) -> BillRow:
    kind = changes.get("kind", BillKind.PAYMENT)
    facts: dict[str, Any] = {
        "line": 2,
        "kind": kind,
        "payment_id": PaymentId(number),
        "refund_id": RefundId(number) if kind is BillKind.REFUND else None,
        "payout_id": number if kind in {BillKind.PAYOUT, BillKind.PAYOUT_RETURN} else None,
        "number": str(number),
        "provider_ref": "",
        "amount_minor": 100,
        "fee_minor": 0,
        "is_done": True,
        "at": NOON,
    }
    return BillRow(**{**facts, **changes})


def ours(number: int = 1, **changes: Any) -> Ours:
    facts: dict[str, Any] = {
        "what": What.PAYMENT,
        "id": number,
        "number": number,
        "amount_minor": 100,
        "state": "paid",
        "is_done": True,
        "at": NOON,
    }
    return Ours(**{**facts, **changes})


def a_bill(*rows: BillRow, **changes: Any) -> Bill:
    facts: dict[str, Any] = {"provider": "sandbox", "day": DAY, "zone": "UTC", "rows": rows}
    return Bill(**{**facts, "totals": BillTotals(), **changes})


@pytest.mark.parametrize(
    ("_case", "row", "it", "kind"),
    [
        ("the same", a_row(), ours(), None),
        ("not ours", a_row(), None, Kind.MISSING_OURS),
        ("a number of somebody else", a_row(payment_id=None, number="X"), None, Kind.MISSING_OURS),
        ("more there", a_row(amount_minor=101), ours(), Kind.AMOUNT_DIFFERS),
        ("unpaid here", a_row(), ours(state="open", is_done=False, at=None), Kind.STATE_DIFFERS),
        ("paid the day before", a_row(), ours(at=NOON - timedelta(days=1)), Kind.DAY_DIFFERS),
        ("under way there, done here", a_row(is_done=False), ours(), Kind.STATE_DIFFERS),
        ("under way on both sides", a_row(is_done=False), ours(is_done=False), None),
        ("under way there, done later", a_row(is_done=False), ours(at=NOON + timedelta(1)), None),
        ("not in the bill", None, ours(), Kind.MISSING_THEIRS),
        ("paid as the day began", a_row(), ours(at=NOON.replace(hour=0)), None),
        ("paid as the next began", None, ours(at=datetime(2026, 11, 22, tzinfo=UTC)), None),
    ],
)
def test_each_difference_has_its_name(
    _case: str, row: BillRow | None, it: Ours | None, kind: Kind | None
) -> None:
    totals, found = rules.compare(a_bill(*([row] if row else [])), [it] if it else [])
    assert [each.kind for each in found] == ([kind] if kind else [])
    assert rules.readds(totals, found)


def test_the_bill_itself_is_looked_at() -> None:
    bill = a_bill(
        a_row(fee_minor=3),
        a_row(line=3),
        totals=BillTotals(paid_minor=150, refunded_minor=0, rows=2),
        others=(("adjustment", -5), ("payout", -95)),
    )
    totals, found = rules.compare(bill, [ours()])
    told = [(it.kind, it.number, rules.opening_state(it)) for it in found]
    assert told == [
        (Kind.TWICE, "1", "open"),
        (Kind.TOTAL, "paid", "open"),
        (Kind.OTHER, "adjustment", "open"),
        (Kind.OTHER, "payout", "noted"),
        (Kind.FEE, "fee", "noted"),
    ]
    assert rules.readds(totals, found)
    assert (totals.their_payments, totals.their_paid_minor, totals.our_paid_minor) == (2, 200, 100)


def test_a_repeat_has_a_number_of_its_own() -> None:
    _, found = rules.compare(a_bill(*(a_row(line=n) for n in range(2, 6))), [ours()])
    assert [it.number for it in found] == ["1", "1#4", "1#5"]


_rows = st.builds(
    a_row,
    st.integers(1, 6),
    kind=st.sampled_from(BillKind),
    amount_minor=st.integers(1, 3),
    is_done=st.booleans(),
    line=st.integers(2, 99),
)
_ours = st.builds(
    ours,
    st.integers(1, 6),
    what=st.sampled_from([What(kind) for kind in BillKind]),
    amount_minor=st.integers(1, 3),
    is_done=st.booleans(),
    at=st.sampled_from([NOON, NOON + timedelta(days=1), NOON - timedelta(days=1)]),
)


@given(st.lists(_rows, max_size=12), st.lists(_ours, max_size=12))
def test_the_sums_always_re_add_and_no_name_is_given_twice(
    rows: list[BillRow], ours_: list[Ours]
) -> None:
    once = {(it.what, it.number): it for it in ours_}.values()
    totals, found = rules.compare(a_bill(*rows), once)
    assert rules.readds(totals, found)
    keys = [(it.kind, it.what, it.number) for it in found]
    assert len(keys) == len(set(keys))


@given(st.lists(_rows, max_size=12))
def test_a_bill_beside_its_own_copy_has_no_difference(rows: list[BillRow]) -> None:
    once = {(it.kind, it.number): replace(it, is_done=True) for it in rows}.values()
    copy = [ours(int(it.number), what=What(it.kind), amount_minor=it.amount_minor) for it in once]
    assert rules.compare(a_bill(*once), copy)[1] == []
