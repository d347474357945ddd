"""Arithmetic of accounts; no database."""

from hypothesis import given
from hypothesis import strategies as st

from jishi.modules.ledger import (
    KindTotals,
    Posting,
    adds_up,
    equation,
    has_floor,
    is_owed,
    shown_balance,
    totals,
)

KINDS = ("gateway:sandbox", "escrow", "payable:shop", "fee", "clearing:refund", "subsidy")
amounts = st.integers(-(10**12), 10**12).filter(bool)


@st.composite
def transfers(draw: st.DrawFn) -> list[Posting]:
    """Postings that sum to zero."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(KINDS), amounts), min_size=1, max_size=6))
    rest = -sum(amount for _, amount in drawn)
    rows = [*drawn, ("fee", rest)] if rest else drawn
    return [
        Posting(posting=n, kind=kind, party_id=0, amount_minor=amount)
        for n, (kind, amount) in enumerate(rows, 1)
    ]


@given(st.lists(transfers(), max_size=5))
def test_what_is_held_equals_what_is_owed(booked: list[list[Posting]]) -> None:
    assert all(adds_up(each) for each in booked)
    sums = totals(posting for each in booked for posting in each)
    kinds = [
        KindTotals(kind=kind, accounts=1, debit_minor=debit, credit_minor=credit)
        for (kind, _), (debit, credit) in sums.items()
    ]
    held, owed, off = equation(kinds)
    assert off == 0
    assert sum(held.values()) == sum(owed.values())


@given(st.lists(transfers(), max_size=5))
def test_totals_are_the_sums_of_postings(booked: list[list[Posting]]) -> None:
    postings = [posting for each in booked for posting in each]
    for (kind, party), (debit, credit) in totals(postings).items():
        mine = [p.amount_minor for p in postings if (p.kind, p.party_id) == (kind, party)]
        assert debit - credit == sum(mine)
        assert debit >= 0
        assert credit >= 0


def test_a_lost_minor_unit_shows() -> None:
    kinds = [
        KindTotals(kind="gateway:sandbox", accounts=1, debit_minor=100, credit_minor=0),
        KindTotals(kind="escrow", accounts=1, debit_minor=0, credit_minor=99),
    ]
    assert equation(kinds)[2] == 1


def test_what_is_owed_reads_positive() -> None:
    assert shown_balance("escrow", 30, 100) == 70
    assert shown_balance("gateway:sandbox", 100, 30) == 70
    assert is_owed("payable:shop")
    assert not is_owed("subsidy")


def test_only_what_belongs_to_others_has_a_floor() -> None:
    assert [kind for kind in KINDS if has_floor(kind)] == ["escrow", "payable:shop"]
