"""Arithmetic of accounts. Pure; ``ledger_post.sql`` repeats ``totals`` under lock."""

from collections.abc import Iterable, Mapping, Sequence

from jishi.modules.ledger.types import (
    ACCOUNT_WORDS,
    FLOORS,
    OWED,
    TRANSFER_WORDS,
    KindTotals,
    Posting,
)


def totals(postings: Iterable[Posting]) -> dict[tuple[str, int], tuple[int, int]]:
    """Debit and credit that postings add to each (kind, party)."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for each in postings:
        debit, credit = found.get((each.kind, each.party_id), (0, 0))
        found[each.kind, each.party_id] = (
            debit + max(each.amount_minor, 0),
            credit + max(-each.amount_minor, 0),
        )
    return found


def adds_up(postings: Iterable[Posting]) -> bool:
    """Whether the postings of one transfer sum to zero."""
    return sum(each.amount_minor for each in postings) == 0


def family(kind: str) -> str:
    """``payable`` of ``payable:shop``."""
    return kind.partition(":")[0]


def balance(debit_minor: int, credit_minor: int) -> int:
    """Debit less credit, as the ledger counts."""
    return debit_minor - credit_minor


def is_owed(kind: str) -> bool:
    """Whether the account says what is owed to someone rather than where money lies."""
    return family(kind) in OWED


def has_floor(kind: str) -> bool:
    """Whether it may never go below nothing. The table repeats it as ``ledger_account_floor``."""
    return family(kind) in FLOORS


def shown_balance(kind: str, debit_minor: int, credit_minor: int) -> int:
    """The balance as people read it: what is owed, or what is there, is positive."""
    sum_minor = balance(debit_minor, credit_minor)
    return -sum_minor if is_owed(kind) else sum_minor


def account_words(kind: str) -> str:
    """An English message id for an account's kind; the kind itself when it has no words."""
    return ACCOUNT_WORDS.get(kind, ACCOUNT_WORDS.get(family(kind), kind))


def kind_words(kind: str) -> str:
    """An English message id for a kind of transfer; the kind itself when it has no words."""
    return TRANSFER_WORDS.get(kind, kind)


def equation(kinds: Sequence[KindTotals]) -> tuple[Mapping[str, int], Mapping[str, int], int]:
    """Money held beside money owed, and the difference, which is zero in a sound ledger.

    Kinds stand on their own side by family, so that an amount on the wrong side shows as negative.
    """
    held: dict[str, int] = {}
    owed: dict[str, int] = {}
    for each in kinds:
        side = owed if is_owed(each.kind) else held
        side[each.kind] = side.get(each.kind, 0) + shown_balance(
            each.kind, each.debit_minor, each.credit_minor
        )
    return held, owed, sum(held.values()) - sum(owed.values())
